"""The second source: the district of a point, by the Census's map server (TIGERweb).

API: tigerweb.geo.census.gov/arcgis/rest/services/TIGERweb/Legislative/MapServer. Layer numbers change, so layers are
looked up by name. Errors come with status 200.
"""

from __future__ import annotations

import msgspec

from campaign.config import Matching
from campaign.congress import census_codes, fetch_url
from campaign.congress.geocoding.address import Answer, FoundAddress, NotFound

SOURCE = "tigerweb"


class _Layer(msgspec.Struct):
    id: int
    name: str
    below: list[int] | None = msgspec.field(default=None, name="subLayerIds")  # set for groups of layers


class _Service(msgspec.Struct):
    layers: list[_Layer] | None = None


class _Feature(msgspec.Struct):
    attributes: dict[str, object]


class _Features(msgspec.Struct):
    features: list[_Feature] | None = None


def check(matching: Matching, point: tuple[str, str], congress: int) -> Answer:
    """The House seat of a point (longitude, latitude) by the lines of `congress`. Service errors become NotFound."""
    name = census_codes.layer(congress)
    try:
        service = msgspec.json.decode(
            fetch_url.get(matching.second_url, {"f": "json"}, seconds=matching.timeout), type=_Service
        )
        if service.layers is None:
            return NotFound("down", SOURCE, "it answered with an error")
        number = next((layer.id for layer in service.layers if layer.name == name and not layer.below), None)
        if number is None:
            return NotFound("other-congress", SOURCE, f"it has no layer {name}")
        query = {
            "geometry": ",".join(point),
            "geometryType": "esriGeometryPoint",
            "inSR": "4326",
            "spatialRel": "esriSpatialRelIntersects",
            "outFields": "NAME,GEOID,CDSESSN,STATE",
            "returnGeometry": "false",
            "f": "json",
        }
        raw = fetch_url.get(f"{matching.second_url}/{number}/query", query, seconds=matching.timeout)
        features = msgspec.json.decode(raw, type=_Features).features
    except fetch_url.Down as down:
        return NotFound("down", SOURCE, str(down))
    except msgspec.DecodeError:
        return NotFound("unreadable", SOURCE)
    if features is None:
        return NotFound("down", SOURCE, "it answered with an error")
    rows = [{key: str(value) for key, value in feature.attributes.items()} for feature in features]
    if any(row.get("CDSESSN") != str(congress) for row in rows):
        return NotFound("other-congress", SOURCE, f"its layer {name} has rows for another")
    seats = {census_codes.seat(row.get("STATE", ""), row.get("GEOID", "")[2:]) for row in rows}
    if len(seats) > 1:
        return NotFound("several", SOURCE)  # on a district line
    code = next(iter(seats), None)
    return FoundAddress(code, congress, SOURCE, name, point) if code else NotFound("no-district", SOURCE)

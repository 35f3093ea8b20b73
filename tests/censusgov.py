"""The Census's geocoder and map server on loopback: their shapes, and the traps in them, over real sockets."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from campaign.config import Matching

ORDINALS = {118: "118th", 119: "119th", 120: "120th", 121: "121st"}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a street lies. `district` as the Census writes it: two digits, 00, 98 or ZZ."""

    state: str
    district: str
    zip: str
    block: str = ""
    point: tuple[float, float] = (-80.8, 35.2)


@dataclass
class CensusGov:
    """What it knows, and how it misbehaves. `asked` keeps what came: path and query, or the rows of a batch."""

    url: str = ""
    streets: dict[str, list[Spot]] = field(default_factory=dict)  # by street as typed
    vintages: dict[str, int] = field(default_factory=lambda: {"ACS2025_Current": 119, "ACS2026_Current": 120})
    layers: dict[int, int] = field(default_factory=lambda: {0: 120, 4: 119, 8: 119})  # number: Congress
    status: int = 200
    body: bytes | None = None  # instead of every answer
    map_body: bytes | None = None  # instead of those of the map server
    batch_body: bytes | None = None
    slow: float = 0.0  # seconds before an answer
    session: str = ""  # CDSESSN in the rows, whatever the layer says
    cd_field: bool = False  # the rows have CD119 too
    at_point: dict[str, Spot] = field(default_factory=dict)  # what the map server knows better, by "lon,lat"
    asked: list[Any] = field(default_factory=list)

    def matching(self, **changes: Any) -> Matching:
        where = {"url": f"{self.url}/geocoder", "second_url": f"{self.url}/MapServer", "geocoder": "census"}
        return Matching(**{**where, "timeout": 30, **changes})


def _row(gov: CensusGov, spot: Spot, congress: int) -> dict[str, str]:
    row = {"GEOID": spot.state + spot.district, "STATE": spot.state, "CDSESSN": gov.session or str(congress)}
    row |= {"BASENAME": spot.district, "NAME": f"Congressional District {spot.district}"}
    return row | ({f"CD{congress}": spot.district} if gov.cd_field else {})


def _one(gov: CensusGov, query: dict[str, str]) -> Any:
    congress = gov.vintages.get(query["vintage"], 120)
    street = query["address"].split(",")[0]
    matches = [
        {
            "matchedAddress": f"{street.upper()}, {spot.zip}",
            "coordinates": {"x": spot.point[0], "y": spot.point[1]},
            "tigerLine": {"tigerLineId": "1", "side": "L"},
            "addressComponents": {"zip": spot.zip, "streetName": street.upper()},
            "geographies": {f"{ORDINALS[congress]} Congressional Districts": [_row(gov, spot, congress)]},
        }
        for spot in gov.streets.get(street, [])
    ]
    return {"result": {"input": {"address": {"address": query["address"]}}, "addressMatches": matches}}


def _map(gov: CensusGov, path: str, query: dict[str, str]) -> Any:
    if path == "/MapServer":
        groups = [{"id": 90, "name": "119th Congressional Districts", "subLayerIds": [4]}]
        own = [{"id": n, "name": f"{ORDINALS[c]} Congressional Districts"} for n, c in gov.layers.items()]
        return {"layers": [*groups, *own]}
    congress = gov.layers.get(int(path.split("/")[2]))
    if congress is None:
        return {"error": {"code": 400, "message": "Invalid or missing input parameters.", "details": []}}
    spots = [
        spot
        for found in gov.streets.values()
        for spot in found
        if f"{spot.point[0]},{spot.point[1]}" == query["geometry"]
    ]
    better = gov.at_point.get(query["geometry"])
    here = [better] if better else spots[:1]
    return {"features": [{"attributes": _row(gov, spot, congress)} for spot in here]}


def _batch(gov: CensusGov, message: Message) -> str:
    form = cast("list[Message]", message.get_payload())
    parts = {str(part.get_param("name", header="content-disposition")): part for part in form}
    assert {"addressFile", "benchmark", "vintage"} == parts.keys()
    content = cast("bytes", parts["addressFile"].get_payload(decode=True))
    rows = list(csv.reader(io.StringIO(content.decode())))
    gov.asked.append(rows)
    text = io.StringIO()
    answer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for number, street, city, state, zip_ in reversed(rows):  # it does not keep the order
        spots = gov.streets.get(street, [])
        given = (number, f"{street}, {city}, {state}, {zip_}")
        if len(spots) != 1:
            answer.writerow((*given, "Tie" if spots else "No_Match"))
            continue
        spot = spots[0]
        block = (spot.block[:2], spot.block[2:5], spot.block[5:11], spot.block[11:])
        point = f"{spot.point[0]},{spot.point[1]}"
        answer.writerow((*given, "Match", "Exact", street.upper(), point, "1", "L", *block))
    return text.getvalue()


@contextmanager
def serve(**settings: Any) -> Iterator[CensusGov]:
    """It listens until the block ends."""
    gov = CensusGov(**settings)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            gov.asked.append((parts.path, query))
            is_map = parts.path.startswith("/MapServer")
            if not is_map:
                assert parts.path == "/geocoder/geographies/onelineaddress", parts.path
            body = gov.map_body if is_map else None
            found = _map(gov, parts.path, query) if is_map else _one(gov, query)
            self._answer(body or json.dumps(found).encode())

        def do_POST(self) -> None:
            assert self.path == "/geocoder/geographies/addressbatch"
            raw = self.rfile.read(int(self.headers["content-length"]))
            head = f"content-type: {self.headers['content-type']}\r\n\r\n".encode()
            found = _batch(gov, BytesParser().parsebytes(head + raw)).encode()
            self._answer(gov.batch_body if gov.batch_body is not None else found)

        def _answer(self, body: bytes) -> None:
            time.sleep(gov.slow)
            body = gov.body if gov.body is not None else body
            self.send_response(gov.status)
            if gov.status == 302:
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None: ...  # a caller that hung up

    server = Server(("127.0.0.1", 0), Handler)
    gov.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield gov
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def block_file(rows: dict[str, str]) -> str:
    """The text of a block equivalency file: {block: district}."""
    assert all(re.fullmatch(r"[0-9]{15}", block) for block in rows)
    return "GEOID,CDFP\n" + "".join(f"{block},{district}\n" for block, district in sorted(rows.items()))

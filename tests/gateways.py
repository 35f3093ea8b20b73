"""Both chambers' gateways on loopback, as the table of the notes describes them, with faults when asked for.

They share no code with the sender. What they take stands in a ledger on the disk before they answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from lxml import etree

KEYS = {"house": "house-key", "senate": "senate-key"}
NAME = r".{1,500}"
LONG = r"(?s).{6,10000}"
EMAIL = r"[^@]+@[^.]+\..+"
PHONE = r"\d{3}-\d{3}-\d{4}"
MUST = {
    "CWCVersion": r"2\.0",
    "Delivery/DeliveryId": r"[a-zA-Z0-9]{32}",
    "Delivery/DeliveryDate": r"\d{8}",
    "Delivery/DeliveryAgent": r".{4,500}",
    "Delivery/DeliveryAgentAckEmailAddress": EMAIL,
    "Delivery/DeliveryAgentContact/DeliveryAgentContactName": r".{6,500}",
    "Delivery/DeliveryAgentContact/DeliveryAgentContactEmail": EMAIL,
    "Delivery/DeliveryAgentContact/DeliveryAgentContactPhone": PHONE,
    "Delivery/CampaignId": r".{2,500}",
    "Constituent/FirstName": NAME,
    "Constituent/LastName": NAME,
    "Constituent/Address1": r".{3,500}",
    "Constituent/City": r".{3,500}",
    "Constituent/StateAbbreviation": r"(?!AA|AE|AP|FM|MH|PW)[A-Z]{2}",
    "Constituent/Zip": r"\d{5}(-\d{4})?",
    "Constituent/Email": EMAIL,
    "Message/Subject": r".{6,500}",
}
MAY = {
    "Delivery/Organization": {"house": r".{6,500}", "senate": r".{3,500}"},
    "Message/OrganizationStatement": {"house": LONG, "senate": LONG},
    "Message/ConstituentMessage": {"house": LONG, "senate": LONG},
    "Message/Bills/Bill/BillTypeAbbreviation": {"house": r"[a-z]+", "senate": r"[HS]\.[A-Za-z.]*"},
    "Message/Bills/Bill/BillCongress": {"house": r"[1-9]\d*", "senate": r"[1-9]\d*"},
    "Message/Bills/Bill/BillNumber": {"house": r"[1-9]\d*", "senate": r"[1-9]\d*"},
    "Message/ProOrCon": {"house": "Pro|Con", "senate": "Pro|Con"},
    "Recipient/IsResponseRequested": {"house": "[YN]", "senate": "[YN]"},
}
ONE_OF = {
    "Recipient/MemberOffice": {"house": r"H[A-Z]{2}\d\d", "senate": r"S[A-Z]{2}0[1-3]"},
    "Constituent/Prefix": {"house": NAME, "senate": r"Mr\.|Mrs\.|Miss|Ms\.|Dr\."},
}
BLOCKS = ["CWCVersion", "Delivery", "Recipient", "Constituent", "Message"]


def faults(chamber: str, content: bytes) -> list[str]:
    """What this chamber finds wrong, each twice as the House does."""
    try:
        root = etree.fromstring(content)
    except etree.XMLSyntaxError as error:
        return [str(error)]
    found = [] if [child.tag for child in root] == BLOCKS else ["the blocks are not in their order"]
    for path, pattern in {**MUST, **{path: each[chamber] for path, each in ONE_OF.items()}}.items():
        values = [one.text or "" for one in root.findall(path)]
        if len(values) != 1 or not re.fullmatch(pattern, values[0]):
            found += [_invalid(path, values)] * 2
    for path, each in MAY.items():
        for one in root.findall(path):
            if not re.fullmatch(each[chamber], one.text or ""):
                found += [_invalid(path, [one.text or ""])] * 2
    if not root.findall("Message/OrganizationStatement") and not root.findall("Message/ConstituentMessage"):
        found.append("there is no message")
    if not root.findall("Message/LibraryOfCongressTopics/LibraryOfCongressTopic"):
        found.append("there is no topic")
    return found


def _invalid(path: str, values: list[str]) -> str:
    name = path.rpartition("/")[2]
    value = values[0] if values else ""
    return (
        f"The '{name}' element is invalid - The value '{value}' is invalid according to its datatype"
        f" '{name.lower()}_type' - The Pattern constraint failed."
    )


@dataclass
class Gateways:
    """One server for both. `faults` by chamber: what befalls the next messages: 503, lost, 429, 400, dropped, hang."""

    folder: Path
    url: str = ""
    offices: dict[str, list[str]] = field(
        default_factory=lambda: {"house": ["HNC12", "HAK00"], "senate": ["SNC02", "SNC03"]}
    )
    faults: dict[str, list[str]] = field(default_factory=lambda: {"house": [], "senate": []})
    calls: list[str] = field(default_factory=list)
    refuse_keys: bool = False
    deaf: bool = False  # whoever sends waits for ever

    @property
    def ledger(self) -> Path:
        return self.folder / "gateways.jsonl"

    def taken(self) -> list[tuple[str, etree._Element]]:
        """(chamber, message) of all that was taken, in order."""
        if not self.ledger.exists():
            return []
        lines = [json.loads(line) for line in self.ledger.read_text().splitlines()]
        return [(line["chamber"], etree.fromstring(line["body"].encode())) for line in lines]

    def ids(self) -> list[str]:
        return [text(message, "Delivery/DeliveryId") for _, message in self.taken()]

    def repeat(self, delivery_id: str) -> None:
        """Take the first message once more, under another id."""
        line = self.ledger.read_text().splitlines()[0]
        with self.ledger.open("a") as file:
            file.write(line.replace(self.ids()[0], delivery_id) + "\n")

    def _key(self, request: web.Request, chamber: str) -> bool:
        return not self.refuse_keys and request.query.get("apikey") == KEYS[chamber]

    async def house(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(request.path)
        if not self._key(request, "house"):
            return web.Response(status=401, text="Unauthorized")
        if request.path == "/v2/offices":
            return web.json_response(self.offices["house"])
        return await self._message(request, "house", save=request.path == "/v2/message")

    async def senate(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(request.path)
        if not self._key(request, "senate"):
            return web.Response(status=403, text="Forbidden")
        if request.path == "/api/active_offices":
            return web.json_response([{"office_code": code} for code in self.offices["senate"]])
        return await self._message(request, "senate", save=request.path == "/api/production-messages/")

    async def _message(self, request: web.Request, chamber: str, *, save: bool) -> web.StreamResponse:
        body = await request.read()
        if request.headers.get("Content-Type") != "application/xml":
            return web.Response(status=415)
        if wrong := faults(chamber, body):
            return _refusal(wrong)
        message = etree.fromstring(body)
        if (code := text(message, "Recipient/MemberOffice")) not in self.offices[chamber]:
            return _refusal([f"Message delivery is not enabled for {code}"])
        if not save:
            return web.Response(text="Message Validated")
        if text(message, "Delivery/DeliveryId") in self.ids():
            return web.Response(status=409, text="DeliveryId already used")
        if self.deaf:
            await asyncio.sleep(30)
            return web.Response(status=503)
        fault = self.faults[chamber].pop(0) if self.faults[chamber] else ""
        if fault == "400":
            return _refusal([f"The 'Email' element is invalid - {text(message, 'Constituent/Email')}"])
        if fault in ("503", "429"):
            return web.Response(status=int(fault))
        if fault != "dropped":
            self._take(chamber, body)
        if fault == "hang":  # taken, and whoever waits for the answer is killed
            await asyncio.sleep(30)
        if fault in ("lost", "dropped"):
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=201 if chamber == "senate" else 200, text="Message Accepted")

    def _take(self, chamber: str, body: bytes) -> None:
        with self.ledger.open("a") as file:
            file.write(json.dumps({"chamber": chamber, "body": body.decode()[body.index(b"<CWC>") :]}) + "\n")
            file.flush()
            os.fsync(file.fileno())


def text(message: etree._Element, path: str) -> str:
    return message.findtext(path) or ""


def _refusal(reasons: list[str]) -> web.Response:
    root = etree.Element("Errors")
    for reason in reasons:
        etree.SubElement(root, "Error").text = reason
    return web.Response(status=400, body=etree.tostring(root), content_type="application/xml")


@contextmanager
def running(folder: Path) -> Iterator[Gateways]:
    """The server in a thread with a loop of its own."""
    made, ready, stop = Gateways(folder), threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        app = web.Application()
        app.router.add_route("*", "/v2/{what}", made.house)
        app.router.add_route("*", "/api/{what:.*}", made.senate)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.url = "http://{}:{}".format(*runner.addresses[0][:2])
        ready.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(100)
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()

"""Asking the portal without a server, and reading what it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote, urlsplit

import httpx
from fastapi import FastAPI
from starlette.routing import compile_path

from ganzhi.portal.app import create_app
from ganzhi.portal.door import Door
from ganzhi.portal.pages import PAGES
from tests.portal.alerts.fake_watch import HOLDING, WAITING
from tests.portal.fake_alerts import FRESH, LATE, PART
from tests.portal.fake_ask import SAVED as ASKED
from tests.portal.fake_catalogue import NEW, OLD
from tests.portal.fake_imports import UPLOAD
from tests.portal.fakes import FakeHouse

VOID = {"meta", "link", "input", "img", "br"}
LOAD = "019b0000-0000-7000-8000-000000000001"
ADDRESSES = (
    "/overview",
    "/overview?vs=year&basis=todate&period=1999-01",
    "/regions/AB-2",
    "/attention",
    "/topics",
    "/topics/hotline",
    "/indicators/hotline.answer_rate",
    "/indicators/hotline.answer_rate?view=table",
    "/indicators/hotline.answer_rate?by=hour_of_day",
    "/indicators/hotline.answer_rate?by=hour_weekday",
    "/indicators/hotline.calls?by=wait_band&grain=week&span=31",
    "/indicators/hotline.waiting",
    "/explain/hotline.answer_rate",
    "/explain/hotline.answer_rate?by=call_type&vs=target&moves=1",
    "/explain/hotline.waiting",
    "/explain/hotline.wait.p90_s?vs=peers",
    "/records/calls?indicator=hotline.answer_rate&d.call_type=PS&page=2&cols=call_id,outcome",
    "/records/calls?indicator=hotline.answer_rate&d.call_type=none",
    "/dictionary",
    "/dictionary?layer=KPI&q=wait",
    "/dictionary?commercial_process=billing&dimension=operation&layer=KQI&data=arrived",
    "/dictionary/hotline.wait.p90_s",
    "/dictionary/pay.quick",
    "/dictionary/index.billing",
    "/dictionary/pay.per_user",
    "/dictionary/tree",
    "/dictionary/tree?kei=index.billing&levels=3",
    "/dictionary/matrix",
    "/dictionary/feeds",
    "/dictionary/feeds?data=waiting&kind=event",
    "/dictionary/feeds/payments",
    "/dictionary/feeds/chains",
    "/dictionary/reports",
    "/dictionary/reports/std.payments",
    "/dictionary/frame",
    "/dictionary/changes",
    f"/dictionary/changes?a={quote(OLD)}&b={quote(NEW)}",
    "/data",
    f"/data/rejects/{LOAD}",
    "/imports",
    "/imports?feed=payments",
    f"/imports/uploads/{UPLOAD}",
    f"/imports/loads/{LOAD}",
    f"/records/calls/{LOAD}/2",
    "/search",
    "/search?q=%25_%27%22",
    "/alerts",
    "/alerts?state=merged&level=product",
    "/alerts?state=all&grade=red&region=AB&rule=complaints.volume",
    f"/alerts/{LATE}",
    f"/alerts/{FRESH}?done=feedback",
    f"/alerts/{PART}",
    f"/alerts/{LATE}/sample?done=noted",
    "/alerts/daily/1999-01-20",
    "/alerts/daily/1999-01-20?level=centre",
    "/calendar",
    "/calendar?month=1999-01",
    "/calendar/release.billing",
    "/calendar/billing",
    "/indicators/hotline.answer_rate/moves",
    "/alerts/thresholds",
    f"/alerts/thresholds/{WAITING}",
    f"/alerts/thresholds/{HOLDING}?done=approve",
    "/complaints",
    "/complaints/daily/1999-01-20",
    "/complaints/daily/1999-01-20?level=product",
    "/complaints/daily/1999-01-20?edition=1",
    "/complaints/weekly/1999-W03",
    "/complaints/monthly/1999-01",
    "/complaints/taxonomy",
    "/complaints/issues",
    "/complaints/enquiries",
    "/complaints/times",
    "/complaints/times?by=flow_step&key=any",
    "/complaints/source/TS1",
    "/complaints/source?period=1999-W03&d.product=voice",
    "/cases",
    "/cases?q=x&state=all&category=sms_late",
    "/cases?state=retired&sort=used",
    "/cases/new?ticket=TS1",
    "/cases/1",
    "/cases/2?version=2&ticket=TS1",
    "/cases/3?done=undo",
    "/cases/1/edit",
    "/cases/manual",
    "/cases/manual/sms_late",
    "/cases/manual/other",
    "/cases/manual/sms_late/edit",
    "/cases/tidy",
    "/cases/exchange",
    "/cases/learning",
    "/cases/learning/training/1",
    "/cases/learning/request/1",
    "/knowledge",
    "/knowledge?about=indicator&subject=pay.quick",
    "/knowledge?about=process&q=x",
    "/halls",
    "/halls/AB-2",
    "/halls/AB-2/today",
    "/halls/AB-2/today?day=1999-01-19",
    "/wall/overview",
    "/regions/AB-1",
    "/modules?layer=macro",
    "/modules?layer=analysis",
    "/modules?layer=mining",
    "/modules/complaints",
    "/modules/proactive",
    "/journeys/panorama",
    "/journeys/panorama?process=pay",
    "/journeys/lifecycle",
    "/journeys",
    "/journeys?view=chain&state=live",
    "/journeys?view=customer&q=pay",
    "/journeys/touchpoints",
    "/journeys/touchpoints?by=channel&ownership=partner&cover=open",
    "/journeys/derivation",
    "/journeys/derivation?process=pay",
    "/journeys/selection",
    "/journeys/pay",
    "/journeys/pay/benchmark",
    "/journeys/pay/benchmark?layer=KQI",
    "/journeys/resume",
    "/traces",
    "/traces/recharge",
    "/traces/recharge?by=entry",
    "/traces/recharge/list/unpaid",
    "/traces/recharge/day/1999-01-20",
    "/traces/recharge/day/1999-01-21",
    "/traces/recharge/chain/K0001",
    "/flows",
    "/flows/tickets",
    "/flows/menu?d.call_type=PS&fold=10",
    "/ivr",
    "/ivr?version=2011B",
    "/blueprints",
    "/blueprints/panorama",
    "/blueprints/panorama?focus=contact:paying",
    "/blueprints/resume",
    "/blueprints/resume?variant=vip",
    "/blueprints/resume/handbook",
    "/complaints?kind=quality",
    "/complaints/queue",
    "/complaints/queue?state=over&region=AB&kind=ordinary",
    "/complaints/queue?step=handle&age=48h&owner=none&mine=yes",
    "/complaints/flow",
    "/complaints/flow?region=AB",
    "/complaints/tickets/TS1",
    "/complaints/tickets/TS2?done=wait",
    "/complaints/tickets/TS4?done=feedback",
    "/complaints/problems?ticket=TS1",
    "/complaints/faults?ticket=TS4",
    "/complaints/responsibility?by=branch&party=any",
    "/complaints/classes?key=top",
    "/complaints/faults/019b0000-0000-7000-8000-0000000fa017?done=clear",
    "/complaints/problems/019b0000-0000-7000-8000-00000000de5c?done=solution",
    "/complaints?period=2026-Q3",
    "/flows/tickets/cases?kind=wrong_order&step=handle&other=dispatch",
    "/flows/tickets/cases?variant=aaaaaaaaaaaaaaaa&page=2",
    "/query",
    "/query?i=hotline.answer_rate&i=hotline.abandon_rate",
    "/query?i=hotline.answer_rate&grain=week&by=call_type",
    "/query?i=hotline.answer_rate&by=call_type&units=below&grain=week",
    "/query?mode=records",
    "/query?mode=records&feed=calls&c1=call_type&o1=eq&v1=PS&c2=wait_s&o2=between&v2=1&w2=9&sort=-wait_s",
    "/query?mode=records&feed=calls&g=call_type&m=wait_s&a=mean",
    f"/query?saved={ASKED}",
    "/query/saved",
    "/query/running?stopped=yes",
    "/analyses",
    "/analyses/calls_by_place?vs=year&period=1999-01",
    "/closings",
    "/closings?close=1998-12&done=1998-12",
    "/closings?close=1999-W02",
    "/goals",
    "/goals?period=1999-01",
    "/reports",
    "/reports/earlier",
    "/reports/earlier?q=x&kind=monthly",
    "/reports/earlier?done=brought&new=2&already=1",
    "/reports/support/1999-01",
    "/reports/support/1999-01?edition=1&region=AB-1",
    "/assessment",
)


def _one_of_each(addresses: Iterable[str]) -> tuple[str, ...]:
    """The first address of every page."""
    kinds = [compile_path(page.path)[0] for page in PAGES]
    found: dict[object, str] = {}
    for address in addresses:
        path = urlsplit(address).path
        found.setdefault(next((kind for kind in kinds if kind.fullmatch(path)), path), address)
    return tuple(found.values())


ONE_OF_EACH_KIND = _one_of_each(ADDRESSES)
"""Every page, with the parameters that change what it shows."""

LEADING_ON = (
    "/alerts/daily",
    "/complaints/daily",
    "/complaints/weekly",
    "/complaints/monthly",
    "/reports/support",
)
"""Addresses that lead on to another page."""

TABLES = (
    "/complaints/daily/1999-01-20",
    "/complaints/weekly/1999-W03",
    "/complaints/source/TS1",
    "/alerts",
    f"/alerts/{LATE}",
    f"/alerts/{LATE}/sample",
    "/alerts/daily/1999-01-20",
    "/calendar",
    "/indicators/hotline.answer_rate/moves",
    "/overview",
    "/regions/AB-2",
    "/topics/hotline",
    "/indicators/hotline.answer_rate",
    "/explain/hotline.answer_rate",
    "/records/calls",
    "/dictionary",
    "/dictionary/pay.quick",
    "/dictionary/tree",
    "/dictionary/matrix",
    "/dictionary/feeds",
    "/dictionary/feeds/payments",
    "/dictionary/reports",
    "/dictionary/reports/std.payments",
    "/dictionary/frame",
    "/dictionary/changes",
    "/data",
    f"/data/rejects/{LOAD}",
    "/halls",
    "/halls/AB-2/today",
    "/analyses",
    "/analyses/calls_by_place",
    "/closings",
    "/goals",
    "/modules",
    "/modules/complaints",
    "/journeys/panorama",
    "/journeys/lifecycle",
    "/journeys",
    "/journeys/touchpoints",
    "/journeys/derivation",
    "/journeys/selection",
    "/journeys/pay",
    "/journeys/pay/benchmark",
    "/traces",
    "/traces/recharge",
    "/traces/recharge/list/unpaid",
    "/flows",
    "/flows/tickets",
    "/ivr",
    "/blueprints",
    "/blueprints/panorama",
    "/blueprints/resume",
    "/complaints",
    "/complaints/queue",
    "/complaints/flow",
    "/complaints/tickets/TS1",
    "/complaints/problems",
    "/complaints/faults",
    "/complaints/responsibility",
    "/complaints/classes",
    "/complaints/taxonomy",
    "/complaints/issues",
    "/complaints/enquiries",
    "/complaints/times",
    "/cases",
    "/cases/manual",
    "/cases/tidy",
    "/cases/learning",
    "/knowledge",
    "/reports",
    "/reports/earlier",
    "/reports/support/1999-01",
)
"""Pages that give their tables away as files."""


@dataclass
class Portal:
    """A portal over a fake house, asked in process."""

    house: FakeHouse = field(default_factory=FakeHouse)

    def __post_init__(self) -> None:
        self.app: FastAPI = create_app(Door.open_to(self.house.context()))

    def ask(
        self, address: str, method: str = "GET", lang: str = "zh", content: bytes | None = None, **headers: str
    ) -> httpx.Response:
        """One request; header names with `_` for `-`."""

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://portal.test") as client:
                sent = {"Accept-Language": lang, **{name.replace("_", "-"): value for name, value in headers.items()}}
                return await client.request(method, address, headers=sent, content=content)

        return asyncio.run(asked())


@dataclass
class Element:
    """One element: its name, attributes, and the text inside it."""

    name: str
    attrs: dict[str, str]
    text: str = ""


class Read(HTMLParser):
    """A page as a flat list of elements; a tag that is never closed or closed twice is a fault."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.faults: list[str] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        self.faults += [f"<{element.name}> stays open" for element in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1].name != tag:
            self.faults.append(f"</{tag}> does not fit {self._open[-1].name if self._open else 'nothing'}")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, *names: str) -> Iterator[Element]:
        return (element for element in self.elements if element.name in names)

    def links(self) -> list[str]:
        """Addresses of the page's links to pages and files, in order."""
        return [element.attrs["href"] for element in self.all("a") if "href" in element.attrs]

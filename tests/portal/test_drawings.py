"""Charts as files: what they say about themselves, that they show what the page shows, and what is refused."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
import resvg_py
from markupsafe import Markup

from ganzhi.base.errors import EngineError, InputError
from ganzhi.base.messages import LANGS
from ganzhi.portal.app import create_app
from ganzhi.portal.charts import palette
from ganzhi.portal.door import NOBODY, Door, Visitor
from ganzhi.portal.drawings.picture import Drawing, Drawings, picture_link
from ganzhi.portal.drawings.raster import MOST_PIXELS, draw, has_font, png, zoom_of
from ganzhi.portal.drawings.standalone import standalone
from ganzhi.portal.pages import PAGES
from tests.portal.asking import Portal, Read
from tests.portal.charts.test_charts import boxes
from tests.portal.fakes import FakeHouse

SVG, DC = "{http://www.w3.org/2000/svg}", "{http://purl.org/dc/elements/1.1/}"
PICTURED = (
    "/blueprints/panorama",
    "/alerts/019b0000-0000-7000-8000-000000000001",
    "/overview",
    "/overview?vs=year&period=1999-01",
    "/regions/AB-2",
    "/halls/AB-2",
    "/halls/AB-2/today",
    "/topics/hotline",
    "/indicators/hotline.answer_rate",
    "/indicators/hotline.answer_rate?by=hour_of_day&grain=week",
    "/indicators/hotline.answer_rate?by=hour_weekday",
    "/indicators/hotline.calls?by=wait_band&span=31",
    "/indicators/hotline.waiting",
    "/explain/hotline.answer_rate?by=call_type",
    "/explain/hotline.waiting",
    "/journeys/selection",
    "/journeys/panorama",
    "/journeys/lifecycle",
    "/wall/overview",
    "/wall/overview?page=2",
    "/wall/topics",
    "/wall/halls",
    "/modules",
    "/modules/halls",
    "/journeys/touchpoints?cover=open",
    "/journeys/derivation?process=pay",
    "/flows/tickets",
    "/blueprints/resume",
    "/complaints/daily/1999-01-20",
    "/complaints/weekly/1999-W03",
    "/complaints/monthly/1999-01",
)
FACTS = (("导出人", "local"), ("导出时间", "2026-11-21T16:30:00+08:00"), ("周期", "第 3 周"), ("页面", "/x"))
BARE = Markup('<svg class="x" viewBox="0 0 300 100"><text x="1" y="20">接通率</text></svg>')


def given(chart: Markup = BARE, title: str = "走势", facts: tuple[tuple[str, str], ...] = FACTS) -> Drawings:
    return Drawings("stem", "接通率", facts, (Drawing("trend", title, lambda: chart, "%"),))


def links(portal: Portal, address: str, lang: str = "zh") -> list[str]:
    """The addresses of the charts of a page as SVG, as the page writes them."""
    answer = portal.ask(address, lang=lang)
    assert answer.status_code == 200
    found = (element.attrs.get("href", "") for element in Read(answer.text).all("a"))
    return [link for link in found if re.search(r"\.svg\?chart=", link)]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("address", PICTURED)
def test_every_chart_of_a_page_is_a_file_that_says_who_when_and_what(address: str, lang: str) -> None:
    portal = Portal()
    charts = links(portal, address, lang)
    assert charts
    for link in charts:
        answer = portal.ask(link, lang=lang)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
        name = answer.headers["content-disposition"]
        assert re.fullmatch(r'attachment; filename="[A-Za-z0-9._-]+\.svg"', name)
        root = ET.fromstring(answer.text)
        shown = " ".join(text.text or "" for text in root.findall(f"{SVG}text"))
        assert "local" in shown
        assert "2026-11-21T16:30:00+08:00" in shown
        assert [each.text for each in root.iter(f"{DC}creator")] == ["local"]
        assert [each.text for each in root.iter(f"{DC}date")] == ["2026-11-21T16:30:00+08:00"]
        (told,) = [each.text or "" for each in root.iter(f"{DC}description")]
        assert told == "\n".join((root.findtext(f"{SVG}desc") or "").split("\n")[2:])
        assert root.findtext(f"{SVG}title")


@pytest.mark.parametrize("address", PICTURED)
def test_a_picture_needs_nothing_else_and_has_no_colour_of_its_own(address: str) -> None:
    tokens = {value for name, value in vars(palette).items() if name.isupper() and isinstance(value, str)}
    tokens |= {*palette.HEAT, "none", "#fff", "#aab2bc"}
    for look in palette.LEVELS:
        tokens |= {look.solid, look.tint, look.on_solid, look.edge or look.solid}
    portal = Portal(FakeHouse("hostile"))
    for link in links(portal, address):
        root = ET.fromstring(portal.ask(link).text)
        names = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not names & {"a", "use", "image", "style", "script", "foreignObject"}
        for element in root.iter():
            assert not [key for key in element.attrib if key.startswith(("on", "style", "href", "data-"))]
            assert {element.get("fill"), element.get("stroke")} - {None} <= tokens


def test_title_and_facts_of_a_picture_keep_apart_and_within_it() -> None:
    portal = Portal(FakeHouse("hostile"))
    for address in PICTURED:
        for link in links(portal, address, "en"):
            root = ET.fromstring(portal.ask(link, lang="en").text.replace('xmlns="http://www.w3.org/2000/svg"', ""))
            own = ET.Element("svg")
            own.extend(root.findall("text"))
            texts = boxes(own)
            assert not [(a[0], b[0]) for n, a in enumerate(texts) for b in texts[n + 1 :] if a[1].meets(b[1])]
            wide, high = (float(part) for part in root.get("viewBox", "").split()[2:])
            assert all(box.right <= wide and box.bottom <= high for _, box in texts)


@pytest.mark.parametrize("address", PICTURED)
def test_a_page_links_every_chart_it_gives_away_and_no_other(address: str) -> None:
    portal = Portal()
    named = {parse_qs(urlsplit(link).query)["chart"][0] for link in links(portal, address)}
    path, _, query = address.partition("?")
    refused = portal.ask(f"{path}.svg?chart=nope&{query}", lang="en")
    assert refused.status_code == 400
    said = re.search(r"Use one of: ([^<]*?)\.(?=\s|<)", refused.text)
    assert said is not None
    assert named == set(said[1].split(", "))
    for link in links(portal, address):
        kept = {key: value for key, value in parse_qs(urlsplit(link).query).items() if key != "chart"}
        asked = parse_qs(query)
        assert {key: asked[key] for key in kept} == kept, "a chart is of what was chosen, and defaults are left out"


def test_the_numbers_of_a_picture_are_those_of_the_table() -> None:
    portal = Portal()
    rows = portal.ask("/indicators/hotline.answer_rate.json").json()["tables"][1]["rows"]
    svg = portal.ask("/indicators/hotline.answer_rate.svg?chart=breakdown").text
    texts = [text for text, _ in boxes(ET.fromstring(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")))]
    assert rows
    for row in rows:
        place = texts.index(row["name"])
        assert texts[place + 1].split()[-1] == f"{row['value']:.1f}"
        assert f"{row['n']:,}" in texts[place : place + 5]


@pytest.mark.parametrize(
    ("address", "chart"),
    [
        ("/indicators/hotline.answer_rate", "trend"),
        ("/topics/hotline", "intervals"),
        ("/overview", "places"),
        ("/journeys/selection", "matrix"),
    ],
)
def test_where_nothing_is_known_there_is_no_link_and_no_picture(address: str, chart: str) -> None:
    portal = Portal(FakeHouse("empty"))
    page = portal.ask(address)
    assert f"chart={chart}" not in page.text
    answer = portal.ask(f"{address}.svg?chart={chart}", lang="en")
    assert answer.status_code in (400, 404)


def test_a_stranger_gets_no_picture() -> None:
    portal = Portal()
    house = portal.house.context()
    portal.app = create_app(Door(lambda cookies, host: Visitor(NOBODY, "t"), lambda viewer: house))
    for page in PAGES:
        if page.drawings is not None:
            path = re.sub(r"\{\w+\}", "hotline", page.path)
            assert portal.ask(f"{path}.svg").status_code in (303, 401)


def test_every_page_that_gives_pictures_away_is_looked_at_here() -> None:
    patterns = [re.compile(re.sub(r"\{\w+\}", "[^/]+", page.path)) for page in PAGES if page.drawings is not None]
    assert patterns
    for pattern in patterns:
        assert any(pattern.fullmatch(address.partition("?")[0]) for address in PICTURED), pattern


class TestStandalone:
    def test_characters_no_document_may_hold_are_replaced(self) -> None:
        odd = given(title="a\0b\x0b\ud800<&>", facts=(("u", 'x\x1f"<'), *FACTS[1:]))
        root = ET.fromstring(standalone(odd, odd.drawings[0], "zh").partition("\n")[2])
        assert "a\ufffdb\ufffd\ufffd<&>" in (root.findtext(f"{SVG}title") or "")

    def test_a_chart_keeps_its_size_under_the_title_and_above_the_facts(self) -> None:
        root = ET.fromstring(standalone(given(), given().drawings[0], "zh").partition("\n")[2])
        chart = root.find(f"{SVG}svg")
        assert chart is not None
        assert (chart.get("width"), chart.get("height")) == ("300", "100")
        top = float(chart.get("y", "0"))
        texts = [(text.text, float(text.get("y", "0"))) for text in root.findall(f"{SVG}text")]
        assert texts[0] == ("接通率 · 走势", 40.0)
        assert all(y < top for _, y in texts[:2])
        assert all(y > top + 100 for _, y in texts[2:])

    def test_an_empty_chart_is_refused(self) -> None:
        with pytest.raises(InputError) as caught:
            standalone(given(Markup("")), given(Markup("")).drawings[0], "zh")
        assert caught.value.issues[0].code == "POR019"


def test_a_link_to_a_chart_keeps_what_was_asked() -> None:
    assert picture_link("/a?b=1&c=x%2Cy", "png", "by unit") == "/a.png?chart=by%20unit&b=1&c=x%2Cy"


# --- PNG ----------------------------------------------------------------------------------------


def chunks(picture: bytes) -> list[tuple[bytes, bytes]]:
    """Name and body of every chunk; a wrong checksum fails here."""
    found, at = [], 8
    while at < len(picture):
        (size,) = struct.unpack(">I", picture[at : at + 4])
        name, body = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + size]
        assert struct.unpack(">I", picture[at + 8 + size : at + 12 + size])[0] == zlib.crc32(name + body)
        found.append((name, body))
        at += 12 + size
    return found


def without_fonts(svg: str, zoom: float) -> bytes:
    """The renderer on a machine that has no fonts at all."""
    return resvg_py.svg_to_bytes(svg_string=svg, background="white", zoom=zoom, skip_system_fonts=True)


@pytest.mark.parametrize("lang", LANGS)
def test_a_png_is_twice_the_size_and_holds_user_time_and_filters(lang: str) -> None:
    if not has_font("wide", draw):
        pytest.skip("this machine has no font for Chinese")
    portal = Portal()
    address = "/indicators/hotline.answer_rate.{}?chart=trend&grain=week"
    answer = portal.ask(address.format("png"), lang=lang)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    root = ET.fromstring(portal.ask(address.format("svg"), lang=lang).text)
    found = chunks(answer.content)
    wide, high = struct.unpack(">II", found[0][1][:8])
    assert (wide, high) == (2 * float(root.get("width", "0")), 2 * float(root.get("height", "0")))
    texts = dict(body.split(b"\0\0\0\0\0") for name, body in found if name == b"iTXt")
    assert (texts[b"Author"], texts[b"Creation Time"]) == (b"local", b"2026-11-21T16:30:00+08:00")
    assert texts[b"Title"].decode() == root.findtext(f"{SVG}title")
    assert "/indicators/hotline.answer_rate?grain=week" in texts[b"Description"].decode()


def test_without_a_font_a_picture_is_refused_and_not_drawn_blank() -> None:
    svg = standalone(given(), given().drawings[0], "zh")
    with pytest.raises(EngineError) as caught:
        png(svg, FACTS, "t", without_fonts)
    assert caught.value.issue.code == "POR030"
    assert caught.value.issue.params["kind"] == "wide"


def test_a_picture_without_chinese_needs_no_font_for_it() -> None:
    def latin_only(svg: str, zoom: float) -> bytes:
        """A renderer that shows Latin letters and nothing else: its pictures differ where those differ."""
        return without_fonts(svg, zoom) + "".join(re.findall("[A-Za-z]+(?=</text>)", svg)).encode()

    plain = Drawings(
        "s", "Rate", (("by", "x"), ("at", "y")), (Drawing("t", "Rate", lambda: Markup(BARE.replace("接通率", "r"))),)
    )
    svg = standalone(plain, plain.drawings[0], "en")
    assert png(svg, plain.facts, "t", latin_only)
    with pytest.raises(EngineError):
        png(standalone(given(), given().drawings[0], "zh"), FACTS, "t", latin_only)


def test_a_very_large_picture_is_drawn_smaller() -> None:
    large = '<svg xmlns="x" viewBox="0 0 1000 40000">'
    assert zoom_of(large) ** 2 * 1000 * 40000 == pytest.approx(MOST_PIXELS)
    assert zoom_of('<svg viewBox="0 0 1000 400">') == 2.0


def test_a_long_breakdown_ends_with_how_many_there_are() -> None:
    house = FakeHouse()
    context = house.context()

    def many(code: str, query: object, asked: object) -> object:
        page = house.indicator(code, query, asked)  # type: ignore[arg-type]
        assert page.breakdown is not None
        rows = tuple(replace(page.breakdown.rows[0], key=str(n)) for n in range(500))
        return replace(page, breakdown=replace(page.breakdown, rows=rows, ordered=False))

    portal = Portal(house)
    portal.app = create_app(Door.open_to(replace(context, indicator=many)))  # type: ignore[arg-type]
    svg = portal.ask("/indicators/hotline.answer_rate.svg?chart=breakdown", lang="en").text
    assert "The first 60 of 500" in svg

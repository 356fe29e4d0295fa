"""The pages in a real browser: nothing scrolls sideways, nothing complains, budgets hold, keys and scripts work."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.portal.asking import ADDRESSES, LOAD, ONE_OF_EACH_KIND
from tests.portal.conftest import Looking, Served
from tests.portal.fake_alerts import LATE
from tests.portal.fake_catalogue import NEW, OLD
from tests.portal.fake_imports import UPLOAD

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

WIDTHS = (1440, 1024, 390)
SHOWN = (
    "/overview",
    "/regions/AB-1",
    "/attention",
    "/topics",
    "/topics/hotline",
    "/indicators/hotline.answer_rate",
    "/indicators/hotline.calls?by=hour_of_day",
    "/indicators/hotline.answer_rate?view=table&by=wait_band",
    "/explain/hotline.answer_rate?by=call_type&vs=target&moves=1",
    "/records/calls?indicator=hotline.answer_rate&d.call_type=PS",
    f"/records/calls/{LOAD}/2",
    "/dictionary",
    "/dictionary/hotline.wait.p90_s",
    "/dictionary/tree?levels=3",
    "/dictionary/matrix",
    "/dictionary/feeds?kind=event",
    "/dictionary/feeds/payments",
    "/dictionary/reports/std.payments",
    "/dictionary/frame",
    f"/dictionary/changes?a={quote(OLD)}&b={quote(NEW)}",
    "/data",
    f"/data/rejects/{LOAD}",
    "/imports?feed=payments",
    f"/imports/uploads/{UPLOAD}",
    f"/imports/loads/{LOAD}",
    "/search?q=wait",
    "/alerts",
    f"/alerts/{LATE}",
    "/complaints",
    "/halls",
    "/halls/AB-2",
    "/modules?layer=macro",
    "/modules/complaints",
    "/modules/proactive",
    "/journeys",
    "/journeys/panorama",
    "/journeys/lifecycle",
    "/journeys/touchpoints",
    "/journeys/derivation",
    "/journeys/selection",
    "/journeys/pay",
    "/journeys/pay/benchmark",
    "/journeys/resume",
    "/query?i=hotline.answer_rate&by=call_type&units=below&grain=week",
    "/query?mode=records&feed=calls&c1=call_type&o1=eq&v1=PS&c2=wait_s&o2=between&v2=1&w2=9&sort=-wait_s",
    "/query?mode=records&feed=calls&g=call_type&m=wait_s&a=mean",
    "/query/saved",
    "/query/running?stopped=yes",
    "/wall/overview",
    "/wall/halls",
)

OVERLAPS = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('svg.line')) {
    if (svg.getBoundingClientRect().width === 0) continue;
    const boxes = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
    boxes.forEach(([a, x], i) => boxes.slice(i + 1).forEach(([b, y]) => {
      const wide = Math.min(x.right, y.right) - Math.max(x.left, y.left), high = Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top);
      if (wide > 1 && high > 4) found.push(`${a} / ${b}`);
    }));
  }
  return found;
}"""

ACCESS = """() => {
  const faults = [];
  const visible = e => { const r = e.getBoundingClientRect(); const s = getComputedStyle(e);
    return r.width > 1 && r.height > 1 && s.visibility !== 'hidden' && !e.closest('.vh, [hidden], details:not([open]) > :not(summary)'); };
  const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const lum = ([r, g, b]) => { const f = v => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
    return .2126 * f(r) + .7152 * f(g) + .0722 * f(b); };
  const ground = e => { for (let n = e; n; n = n.parentElement) { const c = parse(getComputedStyle(n).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !visible(e) || e.closest('svg')) continue;
    const a = lum(parse(getComputedStyle(e).color)), b = lum(ground(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: ${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 30)}`);
  }
  const inline = e => { const p = e.parentElement; return ['P', 'DD', 'LI', 'SPAN'].includes(p.tagName) &&
    [...p.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()); };
  for (const e of document.querySelectorAll('a, button, input:not([type=hidden]), summary')) {
    if (!visible(e) || inline(e)) continue;
    const r = e.getBoundingClientRect();
    if (r.height < 24 && r.width > 0) {
      const row = e.closest('td, th, li, label'); const tall = row ? row.getBoundingClientRect().height : r.height;
      if (tall < 24) faults.push(`target ${Math.round(r.width)}x${Math.round(r.height)}: ${e.textContent.trim().slice(0, 30)}`);
    }
    const named = e.textContent.trim() || e.getAttribute('aria-label') || e.placeholder || (e.labels && e.labels.length);
    if (!named) faults.push('no name: ' + e.outerHTML.slice(0, 80));
  }
  for (const e of document.querySelectorAll('.scroll')) if (e.scrollWidth > e.clientWidth && e.tabIndex !== 0) faults.push('scrolls without focus');
  return faults;
}"""


def sideways(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def faults(page: Page) -> list[str]:
    """What is wrong with a page at its present width."""
    found = page.evaluate(OVERLAPS) + page.evaluate(ACCESS)
    wide = sideways(page)
    return [*found, f"{wide} px sideways"] if wide > 0 else list(found)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_fit_complain_of_nothing_and_ask_no_other_host(looking: Looking, lang: str) -> None:
    watched = looking.at(WIDTHS[0], lang)
    found = []
    for address in SHOWN:
        page = watched.open(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found += [(address, width, fault) for fault in faults(page)]
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    assert found == []
    assert watched.console == []
    host = urlsplit(watched.base).netloc
    assert {urlsplit(url).netloc for url in watched.requests} == {host}


def test_names_that_attack_neither_run_nor_break_the_page(looking: Looking, served_hostile: Served) -> None:
    watched = looking.at(1440, base=served_hostile.base)
    found = []
    for address in SHOWN:
        page = watched.open(address)
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            found += [(address, width)] * (sideways(page) > 0)
        page.set_viewport_size({"width": 1440, "height": 900})
    assert found == []
    assert watched.console == []


def test_first_screen_of_the_overview_answers_its_question(looking: Looking) -> None:
    page = looking.at(1440).open("/overview")
    rows = page.locator(".score tbody tr")
    assert rows.count() == 3
    last = rows.last.bounding_box()
    assert last is not None
    assert last["y"] + last["height"] <= 900
    heading = page.locator("h1").bounding_box()
    assert heading is not None
    assert heading["y"] < 120


@pytest.mark.parametrize(("width", "most"), [(1440, 3000), (390, 6500)])
def test_the_pages_of_many_topics_stay_short_and_fit(
    looking: Looking, served_many: Served, width: int, most: int
) -> None:
    for address in ("/overview", "/topics/topic0", "/attention"):
        page = looking.at(width, base=served_many.base).open(address)
        assert page.evaluate("document.documentElement.scrollHeight") <= most, address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


@pytest.mark.parametrize(
    "address", ["/overview", "/indicators/hotline.answer_rate", "/records/calls?indicator=hotline.answer_rate"]
)
def test_a_first_visit_stays_within_its_budget_and_a_second_costs_half(looking: Looking, address: str) -> None:
    watched = looking.at(1440)
    watched.open(address)
    watched.page.wait_for_timeout(200)
    assert len(watched.requests) <= 6
    assert sum(watched.bytes.values()) <= 60 * 1024, watched.bytes
    assert sum(size for url, size in watched.bytes.items() if url.split("?")[0].endswith(".js")) <= 12 * 1024
    watched.bytes.clear()
    watched.open(address)
    watched.page.wait_for_timeout(200)
    assert sum(watched.bytes.values()) <= 30 * 1024


def test_the_overview_keeps_its_number_of_elements(looking: Looking) -> None:
    assert int(looking.at(1440).open("/overview").evaluate("document.querySelectorAll('*').length")) <= 1500


def test_phone_targets_are_large_enough_to_touch(looking: Looking) -> None:
    page = looking.at(390).open("/overview")
    small = page.evaluate(
        "() => [...document.querySelectorAll('.nav a, .tools a, .ctl summary, .nm a, .v a, .al a')]"
        ".filter(e => { const r = e.getBoundingClientRect(); return r.height > 0 && r.height < 36; }).map(e => e.textContent.trim())"
    )
    assert small == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_reading_works_with_scripts_off(looking: Looking, lang: str) -> None:
    """Overview to indicator to breakdown to records, as the reading part of the journeys."""
    watched = looking.at(1440, lang, script=False)
    page = watched.open("/overview")
    page.locator(".score tr:not(.topic) .nm a").first.click()
    expect(page).to_have_url(f"{watched.base}/indicators/hotline.wait.mean_s")
    expect(page.locator("svg.line.wide").first).to_be_visible()
    page.locator("#trend .seg a").last.click()
    expect(page.locator("#trend table")).to_be_visible()
    page.locator("#breakdown tbody th a").first.click()
    expect(page.locator(".chip")).to_have_count(4)
    page.locator(".chip a").click()
    expect(page.locator(".chip")).to_have_count(3)
    page.locator("main details.sel summary").first.click()
    expect(page.locator("main details.sel a[download]").first).to_be_visible()


class TestScript:
    def test_a_part_is_replaced_in_place_and_the_address_follows(self, looking: Looking) -> None:
        watched = looking.at(1440)
        page = watched.open("/indicators/hotline.answer_rate")
        page.evaluate("window.kept = 1")
        page.locator("#breakdown .seg a").first.click()
        expect(page).to_have_url(f"{watched.base}/indicators/hotline.answer_rate?by=hour_of_day")
        expect(page.locator("#breakdown .seg a").first).to_have_attribute("aria-current", "true")
        assert page.evaluate("window.kept") == 1
        assert page.evaluate("document.activeElement.textContent") == "小时"
        page.go_back()
        expect(page.locator("#breakdown .seg [aria-current]")).to_have_text("来电类型")

    def test_what_is_left_open_is_renewed_each_minute_and_never_under_the_hands(self, looking: Looking) -> None:
        watched = looking.at(1440)
        page = watched.page
        page.clock.install()
        watched.open("/complaints/tickets/TS1")
        head, field = page.locator("main h1"), page.locator("main textarea").first
        said = head.inner_text()
        asked = len(watched.requests)

        def minute_over(seconds: int = 70) -> str:
            page.evaluate("document.querySelector('main h1').textContent = 'before'")
            page.clock.run_for(seconds * 1000)
            page.wait_for_timeout(150)
            return head.inner_text()

        assert minute_over(30) == "before"
        field.evaluate("each => { each.value = 'half a wor' }")
        assert minute_over() == "before"
        assert len(watched.requests) == asked, "nothing is asked while something is typed"
        assert field.input_value() == "half a wor"
        field.evaluate("each => { each.value = '' }")
        page.evaluate("window.kept = 1")
        page.route("**/tickets/TS1", lambda route: route.abort())
        assert minute_over() == "before", "a line that is down takes nothing away"
        page.unroute("**/tickets/TS1")
        minute_over()
        expect(head).to_have_text(said)
        assert page.evaluate("window.kept") == 1
        fault = "/complaints/faults/019b0000-0000-7000-8000-0000000fa017"
        for address in (f"/alerts/{LATE}", "/complaints/problems/019b0000-0000-7000-8000-00000000de5c", fault):
            watched.open(address)
            said = head.inner_text()
            assert said != "before"
            minute_over()
            expect(head).to_have_text(said)
        watched.open("/overview")
        page.clock.run_for(200_000)
        looked = [url for url in watched.requests if url.endswith("/overview")]
        assert len(looked) == 1, "numbers of whole days stand until somebody asks"

    def test_a_failed_part_loads_the_page(self, looking: Looking) -> None:
        watched = looking.at(1440)
        page = watched.open("/indicators/hotline.answer_rate")
        page.evaluate("window.kept = 1")
        page.evaluate("() => { window.fetch = () => Promise.reject(new Error('down')); }")
        page.locator("#trend .seg a").last.click()
        expect(page.locator("#trend table")).to_be_visible()
        assert page.evaluate("window.kept") is None

    def test_a_newer_choice_wins_over_an_older_one(self, looking: Looking) -> None:
        watched = looking.at(1440)
        page = watched.open("/indicators/hotline.answer_rate")
        page.evaluate(
            "() => { const ask = window.fetch; let n = 0;"
            " window.fetch = async (...a) => { const late = n++ === 0; const r = await ask(...a);"
            " if (late) await new Promise(ok => setTimeout(ok, 600)); return r; } }"
        )
        page.locator("#breakdown .seg a").nth(0).click()
        page.locator("#breakdown .seg a").nth(1).click()
        page.wait_for_timeout(900)
        expect(page.locator("#breakdown .seg [aria-current]")).to_have_text("星期")

    def test_slash_focuses_search_and_escape_closes_a_menu(self, looking: Looking) -> None:
        page = looking.at(1440, "en").open("/overview")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "find"
        page.keyboard.type("wait/")
        assert page.locator("#find").input_value() == "wait/"
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("wait/")
        page.go_back()
        page.locator(".ctl summary").first.press("Enter")
        expect(page.locator(".ctl .menu").first).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(".ctl .menu").first).to_be_hidden()

    def test_arrow_keys_move_through_the_scorecard(self, looking: Looking) -> None:
        page = looking.at(1440).open("/overview")
        links = page.locator(".score tr:not(.topic) .nm a")
        links.nth(0).focus()
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.textContent") == links.nth(1).text_content()
        page.keyboard.press("ArrowRight")
        assert "268.1" in str(page.evaluate("document.activeElement.textContent"))
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("P90")

    def test_the_crosshair_says_period_and_value(self, looking: Looking) -> None:
        page = looking.at(1440).open("/indicators/hotline.answer_rate")
        box = page.locator("svg.line.wide").first.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 60)
        expect(page.locator(".tip:visible")).to_contain_text("%")
        page.mouse.move(5, 5)
        expect(page.locator(".tip:visible")).to_have_count(0)


def test_three_clicks_lead_from_the_headline_to_a_record(looking: Looking) -> None:
    page = looking.at(1440).open("/overview")
    page.locator('.al a[href^="/indicators/"]').first.click()
    page.locator("#breakdown tbody th a").first.click()
    expect(page.locator("#list tbody tr").first).to_be_visible()


def test_print_shows_the_page_without_its_controls(looking: Looking) -> None:
    page = looking.at(1440).open("/indicators/hotline.answer_rate")
    page.emulate_media(media="print")
    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator(".ctl").first).to_be_hidden()
    expect(page.locator("svg.line.wide").first).to_be_visible()


def test_every_address_is_quiet_in_the_browser(looking: Looking) -> None:
    watched = looking.at(1024, "en")
    for address in ADDRESSES:
        if address not in SHOWN and address not in ONE_OF_EACH_KIND:  # those are watched above, or where axe looks
            watched.open(address)
    assert watched.console == []

"""The page that `tapgen report` writes, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tapgen.review.report import Report
from tapgen.settings.faults import printable
from tests.browser.conftest import HOSTILE
from tests.waiting import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from tests.browser.conftest import Open

pytestmark = pytest.mark.slow

SHOWN_ROWS = "tbody tr:visible"


def table(page: Page, name: str) -> Locator:
    return page.get_by_role("table", name=name, exact=True)


def focused(page: Page) -> str:
    """Name, or else the text, of what has the focus."""
    script = "(e => e.name || e.textContent.trim())(document.activeElement)"
    return str(page.evaluate(script))


def tab_to(page: Page, name: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page) == name:
            return
    raise AssertionError(f"{name} is not reached by the Tab key")


def test_the_answers_stand_at_the_top(opened: Open, report: Report) -> None:
    page = opened()
    assert page.title() == "payments: dev, staging, prod - tapgen report"
    assert page.get_by_role("heading", level=1).inner_text() == "payments"
    said = [" ".join(text.split()) for text in page.locator(".figures li").all_inner_texts()]
    assert said[0].startswith("Impact ▲ replacement, data loss ")
    assert said[0].endswith(" stacks differ, 2 changes refused")
    layers = len(report.matrix)
    assert said[1:] == [
        "Findings ▲ 2 1 error, 1 warning",
        "Environments ▲ NOT identical 1 parameter must not differ",
        f"Stacks • {3 * layers - 3} {layers} layers in 3 environments, 3 left out",
    ]


def test_the_impact_tells_effect_cause_and_refusal(opened: Open) -> None:
    page = opened()
    rows = table(page, "Resources that change").get_by_role("row")
    first = " ".join(rows.nth(1).inner_text().split())
    assert "replacement, data loss" in first
    assert "refused: staging, prod are protected" in first
    assert "data.TransactionsTable" in first
    assert 'KeySchema/paymentId<b> removed - {"AttributeName": "paymentId<b>"' in first
    assert 'KeySchema/transactionId added + {"AttributeName": "transactionId"' in first
    moved = rows.filter(has_text="storage.AccessLogsBucket").filter(has_text="move to another")
    assert "data.AccessLogsBucket →" in moved.inner_text()
    memory = rows.filter(has_text="compute.PaymentProcessorFunction")
    assert "functions.memory_mb (envs/prod.yaml:23:14)" in memory.first.inner_text()
    assert "create-stack-refactor" in page.get_by_label("Stack refactor of dev").inner_text()
    removed = table(page, "Stacks that differ").get_by_role("row").filter(has_text="stack removed")
    assert removed.count() == 3
    listing = removed.filter(has_text="zone").locator("details")
    listing.locator("summary").click()
    assert "HostedZone" in listing.inner_text()


def test_findings_have_their_place_and_a_link_to_their_rule(opened: Open) -> None:
    page = opened()
    rows = table(page, "Findings of cfn-lint and tapgen").locator("tbody tr")
    said = [" ".join(text.split()) for text in rows.all_inner_texts()]
    assert said[0] == (
        "◆ warning W1001 ref Old & odd data.Key templates_out/data.json:3:5 "
        "change envs/dev.yaml:4:2 dev, prod"
    )
    assert rows.get_by_role("link", name="W1001").get_attribute("href") == (
        "https://example.com/W1001"
    )
    assert rows.get_by_role("link", name="T110").count() == 0  # its address is a script


def test_the_matrix_shows_every_stack_and_why_one_is_left_out(opened: Open, report: Report) -> None:
    page = opened()
    rows = table(page, "Stacks by layer and environment").locator("tbody tr")
    assert rows.count() == len(report.matrix)
    zone = rows.filter(has=page.get_by_role("rowheader", name="zone", exact=True))
    (row,) = [row for row in report.matrix if row.layer.name == "zone"]
    assert row.parity
    short = row.parity.found["prod"].template[:12]
    cells = [" ".join(text.split()) for text in zone.get_by_role("cell").all_inner_texts()]
    assert cells == [
        "left out domain is not set",
        f"payments-staging-zone {short}",
        f"payments-prod-zone {short}",
        "✓ template identical",
    ]
    compute = rows.filter(has_text="payments-prod-compute").inner_text()
    assert "template identical, code identical, 1 parameter must not differ" in compute


def test_parameters_that_must_not_differ_are_apart_from_those_that_may(opened: Open) -> None:
    page = opened()
    must = table(page, "Parameters that differ and must not").locator("tbody tr")
    assert [text.split() for text in must.all_inner_texts()] == [
        ["LogLevel", "INFO", "DEBUG", "INFO", "functions.log_level", "compute"]
    ]
    may = table(page, "Parameters that differ, as they may").locator("tbody tr")
    memory = may.filter(has_text="MemoryMb").inner_text().split()
    assert memory == ["MemoryMb", "512", "1024", "2048", "functions.memory_mb", "compute"]


def test_layers_are_a_picture_and_a_table(opened: Open, report: Report) -> None:
    page = opened()
    picture = page.get_by_role("img", name="Layers and what they take from each other")
    assert picture.locator("text.name").all_text_contents() == [
        row.layer.name for row in report.matrix
    ]
    row = table(page, "Layers and what they take from each other").locator("#layer-certificate")
    assert " ".join(row.inner_text().split()) == (
        "certificate TLS certificate, validated through DNS only with domain "
        "us-east-1 HostedZoneId from zone"
    )


def test_every_link_within_the_page_leads_somewhere_and_ids_are_unique(opened: Open) -> None:
    page = opened()
    links = page.eval_on_selector_all("a", "all => all.map(a => a.getAttribute('href'))")
    ids = page.eval_on_selector_all("[id]", "all => all.map(one => one.id)")
    assert len(ids) == len(set(ids))
    within = {link[1:] for link in links if link.startswith("#")}
    assert within <= set(ids)
    assert len(within) > 15
    assert {link for link in links if not link.startswith("#")} == {"https://example.com/W1001"}


def test_the_filter_works_with_the_keyboard_alone(opened: Open) -> None:
    page = opened()
    status = page.get_by_role("status")
    every = page.locator("tbody tr").count()
    assert status.inner_text() == f"{every} of {every} rows shown"
    tab_to(page, "env")
    page.keyboard.type("prod")
    matrix = table(page, "Stacks by layer and environment")
    headings = matrix.get_by_role("columnheader").all_inner_texts()
    assert [text.split()[0] for text in headings] == ["Layer", "prod", "Sameness"]
    told = page.eval_on_selector_all(SHOWN_ROWS, "all => all.map(row => row.dataset.env)")
    assert len(told) > 10
    assert all("prod" in names.split() for names in told if names)
    tab_to(page, "layer")
    page.keyboard.type("data")
    layers = page.eval_on_selector_all(SHOWN_ROWS, "all => all.map(row => row.dataset.layer)")
    assert layers
    assert all("data" in layer.split() for layer in layers)
    tab_to(page, "effect")
    page.keyboard.type("replacement, data loss")
    shown = page.locator(SHOWN_ROWS)
    assert status.inner_text() == f"{shown.count()} of {every} rows shown"
    shown_effects = [str(row.get_attribute("data-effect")).split() for row in shown.all()]
    assert all("replacement-data-loss" in effects for effects in shown_effects)
    tab_to(page, "text")
    page.keyboard.type("keyschema  TRANSACTIONStable")
    assert status.inner_text() == f"1 of {every} rows shown"
    note = "Nothing in “Stacks by layer and environment” matches the filter."
    assert page.get_by_text(note).is_visible()
    page.keyboard.press("Enter")  # goes nowhere
    assert status.inner_text() == f"1 of {every} rows shown"
    tab_to(page, "Clear")
    page.keyboard.press("Enter")
    page.get_by_text(f"{every} of {every} rows shown").wait_for()
    assert page.locator(SHOWN_ROWS).count() == every


def test_text_of_columns_that_the_filter_hides_is_not_searched(opened: Open) -> None:
    page = opened()
    page.locator("[name=env]").select_option("dev")
    page.locator("[name=text]").fill("payments-prod-data")
    assert table(page, "Stacks by layer and environment").count() == 0
    page.locator("[name=env]").select_option("prod")
    assert table(page, "Stacks by layer and environment").locator(SHOWN_ROWS).count() == 1


def test_what_is_about_no_single_environment_stays_with_each(opened: Open) -> None:
    page = opened()
    page.locator("[name=env]").select_option("staging")
    rows = table(page, "Findings of cfn-lint and tapgen").locator(SHOWN_ROWS)
    assert rows.count() == 1  # the other is of dev and prod
    assert "T110" in rows.inner_text()


def test_without_script_the_page_is_complete(opened: Open) -> None:
    with_script = opened().locator(SHOWN_ROWS).count()
    page = opened(java_script_enabled=False)
    assert page.locator(SHOWN_ROWS).count() == with_script
    assert not page.locator("#filter").is_visible()


def test_the_first_key_skips_to_the_content_and_the_focus_is_always_seen(opened: Open) -> None:
    page = opened()
    page.keyboard.press("Tab")
    assert page.get_by_role("link", name="Skip to the content").bounding_box()
    assert focused(page) == "Skip to the content"
    for _ in range(40):
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", focused(page)
        page.keyboard.press("Tab")
    page.reload()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.parametrize(
    ("width", "scheme", "environment"),
    [(1280, "light", ""), (1280, "dark", "prod"), (360, "dark", "prod")],
)
def test_it_is_accessible(opened: Open, width: int, scheme: str, environment: str) -> None:
    page = opened(width, color_scheme=scheme)
    page.locator("[name=env]").select_option(environment)  # also with much of it hidden
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


# WCAG 2.2, 1.4.10 Reflow: 320 CSS pixels, which is also 1280 at a zoom of 400 %.
@pytest.mark.parametrize("width", [320, 360, 800, 1280])
def test_it_is_never_wider_than_the_screen(opened: Open, width: int) -> None:
    page = opened(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_both_colour_schemes_are_followed(opened: Open) -> None:
    def brightness(scheme: str) -> list[int]:
        page = opened(color_scheme=scheme)
        colours = page.evaluate(
            "[document.body, document.querySelector('svg')].map(e => getComputedStyle(e))"
            ".flatMap(s => [s.color, s.backgroundColor].map(c => c.match(/[0-9]+/g).map(Number)))"
        )
        return [sum(colour[:3]) for colour in colours]

    ink, paper, lines, _ = brightness("light")
    assert paper > 700
    assert max(ink, lines) < 200
    ink, paper, lines, _ = brightness("dark")
    assert paper < 100
    assert min(ink, lines) > 600


def test_on_paper_there_is_no_filter_and_nothing_is_cut_off(opened: Open) -> None:
    page = opened(color_scheme="dark")
    page.emulate_media(media="print")
    assert not page.locator("#filter").is_visible()
    assert not page.get_by_role("navigation").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    overflow = "all => new Set(all.map(one => getComputedStyle(one).overflowX)).size"
    assert page.eval_on_selector_all(".scroll", overflow) == 1
    assert page.locator(".scroll").first.evaluate("e => getComputedStyle(e).overflowX") == "visible"


def test_hostile_values_are_text(opened: Open) -> None:
    page = opened()
    assert page.evaluate("window.pwned") is None
    assert page.locator("script").count() == 1
    assert page.locator("img:not([role]), main b").count() == 0
    message = table(page, "Findings of cfn-lint and tapgen").get_by_role("rowheader")
    assert message.nth(1).inner_text() == printable(HOSTILE)
    stacks = table(page, "Parameters, outputs and the stacks themselves")
    whole = stacks.get_by_text("tag Owner")
    assert printable(HOSTILE) in (whole.locator("xpath=..").text_content() or "")


def test_the_policy_refuses_what_is_not_the_page_s_own(browser: Browser, page_file: Path) -> None:
    page = browser.new_page()
    page.goto(page_file.as_uri())
    refused = page.evaluate(
        """() => new Promise(done => {
          document.addEventListener("securitypolicyviolation", e => done(e.effectiveDirective));
          const script = document.createElement("script");
          script.textContent = "window.pwned = 1";
          document.body.append(script);
        })"""
    )
    assert refused == "script-src-elem"
    assert page.evaluate("window.pwned") is None


def test_the_navigation_stays_in_view(opened: Open) -> None:
    page = opened()
    page.evaluate("window.scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    top = "document.querySelector('nav').getBoundingClientRect().top"
    assert page.evaluate(f"window.scrollY > 500 && {top}") == 0
    page.get_by_role("navigation").get_by_role("link", name="Parameters").click()
    below = "document.querySelector('#parameters').getBoundingClientRect().top"
    navigation = page.evaluate("document.querySelector('nav').getBoundingClientRect().bottom")
    wait_until(lambda: navigation <= page.evaluate(below) < navigation + 100)


def test_no_text_of_the_graph_spills_out_of_its_box(opened: Open) -> None:
    spilled = """boxes => boxes.flatMap(box => [...box.querySelectorAll('text')].filter(text => {
        const inner = text.getBBox(), outer = box.querySelector('rect').getBBox()
        return inner.x < outer.x || inner.x + inner.width > outer.x + outer.width
    }).map(text => text.textContent))"""
    boxes = opened().locator(".tapgen-graph g")
    assert boxes.count() > 5
    assert boxes.evaluate_all(spilled) == []

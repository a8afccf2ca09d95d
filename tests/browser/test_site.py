"""The site that `make docs` makes, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import pytest

from tests.browser import site as sites
from tests.serving import running_server
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

PHONE: Final = 360
# One of each kind of page: lists, tables, code, a picture, long words.
KINDS: Final = ("index", "security", "performance", "approvals", "reference/commands/deploy")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sites.build(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    with running_server(server) as address:
        yield address


class Visit:
    """A browser on the site; all that goes wrong there is kept."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self.address = address
        self.complaints: list[str] = []
        self.elsewhere: set[str] = set()
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(PATIENCE_SECONDS * 1000)
        self.context.on("console", lambda message: self._complain(message.type, message.text))
        self.context.on("weberror", lambda error: self._complain("error", str(error.error)))
        self.context.on("request", lambda request: self._asked(request.url))
        self.page = self.context.new_page()

    def _complain(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {text}")

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, "data:")):
            self.elsewhere.add(url)

    def at(self, page: str) -> Page:
        self.page.goto(f"{self.address}/{page}")
        return self.page


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Any]:
    visits: list[Visit] = []

    def begin(**options: Any) -> Visit:
        visits.append(Visit(browser, address, **options))
        return visits[-1]

    yield begin
    for one in visits:
        one.context.close()
        assert one.complaints == []
        assert one.elsewhere == set(), "a page reaches for the network"


def test_no_link_within_the_site_is_dead(folder: Path) -> None:
    assert list(sites.dead_links(folder)) == []


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<p id="here"></p><a href="#here"></a><a href="#gone"></a><a href="b.html"></a>'
        '<a href="a.html#here"></a><a href="https://example.com"></a><img src="c.svg">'
    )
    assert list(sites.dead_links(tmp_path)) == [
        "a.html: #gone",
        "a.html: b.html",
        "a.html: c.svg",
    ]


def test_every_page_can_be_read_on_a_phone(visit: Any, folder: Path) -> None:
    phone = visit(viewport={"width": PHONE, "height": 640})
    pages = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.html"))
    assert len(pages) > len(KINDS)
    width = "document.documentElement.scrollWidth"
    wide = [page for page in pages if phone.at(page).evaluate(width) > PHONE]
    assert wide == []


def test_options_are_shown_as_they_are_typed(visit: Any) -> None:
    page = visit().at("reference/commands/lint.html")
    said = page.get_by_role("main").inner_text()
    assert "With --policy: also" in said
    (code,) = page.locator("td code", has_text="--no-cache").all()
    assert code.evaluate("code => code.getClientRects().length") == 1, "it is broken into lines"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit: Any, scheme: Literal["light", "dark"]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    reader = visit(color_scheme=scheme)
    found = {
        f"{name}: {one['id']}: {node['html'][:120]}"
        for name in KINDS
        for one in Axe().run(reader.at(f"{name}.html")).response["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    }
    assert found == set()


def test_light_and_dark_are_the_systems(visit: Any) -> None:
    def paper(scheme: str) -> int:
        script = "getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)"
        page = visit(color_scheme=scheme).at("index.html")
        return sum(page.evaluate(script)[:3])

    assert paper("light") > 700
    assert paper("dark") < 150


def test_search_finds_what_people_ask_for(visit: Any) -> None:
    page = visit().at("index.html")
    page.get_by_role("textbox", name="Search").first.fill("replacement")
    page.keyboard.press("Enter")
    results = page.locator("#search-results ul.search li")
    results.first.wait_for()
    page.locator("#search-results .search-summary").get_by_text("found").wait_for()
    titles = results.locator("a").all_inner_texts()
    assert any("Reviewing a change" in title for title in titles)


def test_programs_find_every_page(folder: Path) -> None:
    """llms.txt (https://llmstxt.org) lists the pages, as Markdown beside them."""
    text = (folder / "llms.txt").read_text()
    assert text.startswith("# tapgen manual\n\n> tapgen keeps a platform identical ")
    listed = [line.partition("](")[2].partition(")")[0] for line in text.splitlines()]
    pages = [name for name in listed if name]
    assert {"when-it-goes-wrong.md", "decisions/README.md", "contributing.md"} <= {*pages}
    assert [name for name in pages if not (folder / name).is_file()] == []
    assert "## Add a layer" in (folder / "contributing.md").read_text()


# What a stranger asks -> the links that lead from the start page to the answer, and its words.
ASKED: Final = {
    "how a layer is added": (
        ["Add a layer"],
        ["A line in LAYERS of shop_platform/platform.py names the layer"],
    ),
    "what --allow-replacement does": (
        ["--allow-replacement"],
        ["Allow this resource to be replaced or removed in a protected environment"],
    ),
    "what T024 wants": (
        ["Rules", "T024"],
        ["Buckets, topics and queues accept TLS only.", "Deny all requests without TLS"],
    ),
    "what data.read_capacity changes": (
        ["Settings", "data.read_capacity"],
        ["autoscaling never goes below", "data: IdempotencyTable, "],
    ),
    "what to do about UPDATE_ROLLBACK_FAILED": (
        ["A stack is stuck"],
        ["UPDATE_ROLLBACK_FAILED", "tapgen recover --env dev"],
    ),
    "what a deployment costs in calls": (
        ["Number of AWS calls"],
        ["An update costs eleven or twelve calls of CloudFormation for each layer"],
    ),
}


@pytest.mark.parametrize("question", ASKED)
def test_a_stranger_finds_it_in_two_clicks(visit: Any, question: str) -> None:
    links, words = ASKED[question]
    assert len(links) <= 2
    page = visit().at("index.html")
    for link in links:
        found = page.get_by_role("main").get_by_role("link", name=link, exact=True)
        assert found.count(), f"{page.url} has no link {link}"
        page.goto(found.first.evaluate("link => link.href"))
    text = " ".join(page.evaluate(IN_VIEW).split())
    assert [one for one in words if one not in text] == []


# The text of the section, or of the table's row, that the last link led to, or of the whole page.
IN_VIEW: Final = """() => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    return (target?.closest('tr') || target || document.querySelector('article')).innerText;
}"""

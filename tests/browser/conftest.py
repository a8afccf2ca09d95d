"""A headless browser, and a report of a change that does about everything."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.cli.views.report.page import html
from tapgen.deploy.flow.host import SILENT
from tapgen.operations.review import report as report_of
from tapgen.project import Project
from tapgen.render.rendering import Rendered
from tapgen.review.lint.findings import Finding
from tapgen.review.report import Report
from tests.browser import chromium
from tests.conftest import ENVS
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:  # takes half a second, and each worker collects all tests
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    Open = Callable[..., Page]

# Nothing of the browser's own may reach for the network.
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What somebody may have put into a setting, a template, a tag or a name of a branch.
HOSTILE = (
    "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'>"
    "\"'><svg onload=window.pwned=1> {{ 7 * 7 }} \x1b[2J\u202e end"
)
FINDINGS = (
    Finding("templates_out/data.json", 3, 5, "W1001", "ref", "warning", "Old & odd",
            "data", "Key", ("dev", "prod"), "envs/dev.yaml:4:2", "https://example.com/W1001"),
    Finding("templates_out/api.json", 8, 1, "T110", "tags", "error", HOSTILE,
            "api", HOSTILE, (), HOSTILE, "javascript:window.pwned=1"),
)  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = chromium.find()
    if executable is None:
        (pytest.fail if chromium.required() else pytest.skip)(chromium.MISSING)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def report(rendered: Rendered, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Another key, a bucket in another layer, a stack less, more memory, a forbidden difference."""
    project = tmp_path_factory.mktemp("changed")
    shutil.copytree(ENVS, project / "envs")
    for name, text in _before(rendered.files).items():
        path = project / "templates_out" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-qm", "before"]):
        subprocess.run(["git", *words], cwd=project, check=True, timeout=600)
    _edit(project / "envs" / "dev.yaml", "domain: dev.api.example.com\n", "")
    _edit(project / "envs" / "prod.yaml", "memory_mb: 3008", "memory_mb: 2048")
    _edit(project / "envs" / "staging.yaml", "  memory_mb", "  log_level: DEBUG\n  memory_mb")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        found = report_of(Project(), (), SILENT, with_lint=False)
    return replace(found, findings=FINDINGS)


def _before(files: dict[str, str]) -> dict[str, str]:
    data = json.loads(files["data.json"].replace("transactionId", HOSTILE_KEY))
    storage = json.loads(files["storage.json"])
    data["Resources"]["AccessLogsBucket"] = storage["Resources"].pop("AccessLogsBucket")
    prod: dict[str, Any] = json.loads(files["prod/data.json"])
    prod["Tags"]["Owner"] = HOSTILE
    changed = {"data.json": data, "storage.json": storage, "prod/data.json": prod}
    return files | {name: json.dumps(document) for name, document in changed.items()}


HOSTILE_KEY = "paymentId<b>"


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.fixture(scope="session")
def page_file(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(html(report))
    return path


@pytest.fixture
def opened(browser: Browser, page_file: Path) -> Iterator[Open]:
    """`opened(color_scheme="dark")` shows the report; all that goes wrong there is reported."""
    from playwright.sync_api import ViewportSize

    complaints: list[str] = []
    requests: list[str] = []

    def show(width: int = 1280, height: int = 900, **options: Any) -> Page:
        size = ViewportSize(width=width, height=height)
        context = browser.new_context(viewport=size, offline=True, **options)
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        context.on("console", lambda message: complaints.append(message.text))
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("dialog", lambda dialog: complaints.append(dialog.message))
        context.on("request", lambda request: requests.append(request.url))
        page = context.new_page()
        page.goto(page_file.as_uri())
        return page

    yield show
    for context in browser.contexts:
        context.close()
    assert complaints == []
    assert {url for url in requests if not url.startswith("data:")} == {page_file.as_uri()}

"""Screenshots of a browser: the report, and the comment on a pull request."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt

from pictures.terminal import ROOT
from tests.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIZE: Final = (1100, 760)
"""Pixels of a screenshot."""
_WHEN: Final = "2026-01-01T00:00:00Z"  # so that the same files result in the same commit
_CHANGES: Final = (
    ("envs/prod.yaml", "memory_mb: 3008", "memory_mb: 2048"),
    ("envs/prod.yaml", "read_capacity: 100", "read_capacity: 120"),
    ("envs/dev.yaml", "cidr: 10.10.0.0/16", "cidr: 10.11.0.0/16"),
)
# About as GitHub shows a comment.
_COMMENT: Final = """\
<!doctype html><meta charset="utf-8"><title>comment</title><style>
body { margin: 24px; background: #fff; color: #1f2328; \
font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; }
article { border: 1px solid #d1d9e0; border-radius: 6px; }
header { padding: 8px 16px; background: #f6f8fa; border-bottom: 1px solid #d1d9e0; \
border-radius: 6px 6px 0 0; color: #59636e; }
main { padding: 16px; }
table { border-collapse: collapse; margin: 0 0 16px; }
th, td { border: 1px solid #d1d9e0; padding: 6px 13px; text-align: start; }
tr:nth-child(2n) td { background: #f6f8fa; }
code { background: #818b981f; border-radius: 6px; padding: 0.2em 0.4em; font-size: 85%; }
pre { background: #f6f8fa; border-radius: 6px; padding: 16px; overflow: hidden; }
pre code { background: none; padding: 0; }
h2, h3 { margin: 24px 0 16px; border-bottom: 1px solid #d1d9e0; padding-bottom: 0.3em; }
</style><article><header><strong>github-actions</strong> commented</header><main>"""


def drawn(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The name of each screenshot and its PNG; `folder` is empty. None without a browser."""
    browser = chromium.find()
    if browser is None:
        return
    project = _changed(folder / "project")
    _run(project, "report", "--no-lint", "--out", "report.html")
    comment = _run(project, "diff", "--all", "--cost", "--format", "markdown")
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(comment)
    (project / "comment.html").write_text(f"{_COMMENT}{page}</main></article>", encoding="utf-8")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        width, height = SIZE
        shown = opened.new_page(viewport={"width": width, "height": height})
        for name in ("report", "comment"):
            yield name, _shot(shown, project / f"{name}.html")
        opened.close()


def _shot(page: Page, file: Path) -> bytes:
    page.goto(file.as_uri())
    return page.screenshot()


def _changed(project: Path) -> Path:
    """The payments project in a separate repository, with some changed settings."""
    for name in ("envs", "templates_out"):
        shutil.copytree(ROOT / name, project / name)
    who = ("-c", "user.name=tapgen", "-c", "user.email=tapgen@example.com")
    dated = {**os.environ, "GIT_AUTHOR_DATE": _WHEN, "GIT_COMMITTER_DATE": _WHEN}
    for words in (("init", "-q", "-b", "main"), ("add", "."), (*who, "commit", "-qm", "before")):
        subprocess.run(["git", *words], cwd=project, env=dated, check=True)  # noqa: S603, S607
    for name, old, new in _CHANGES:
        file = project / name
        text = file.read_text(encoding="utf-8")
        if old not in text:
            raise LookupError(f"{name} does not contain {old}")
        file.write_text(text.replace(old, new), encoding="utf-8")
    return project


def _run(project: Path, *words: str) -> str:
    command = [sys.executable, "-m", "tapgen", *words]
    run = subprocess.run(  # noqa: S603 - tapgen itself
        command, cwd=project, check=True, stdout=subprocess.PIPE, text=True
    )
    return run.stdout

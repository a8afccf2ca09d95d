"""How Sphinx makes the site of the pages in this folder: `make docs`.

The pages are plain Markdown, which GitHub shows as well: no directive of Sphinx is in them. The
lists of docs/index.md are the site's navigation. What a page cannot say is done here, while it is
read: the page of a file outside of this folder, and links to such files.
"""

from __future__ import annotations

import os
import re
from itertools import pairwise, starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS: Final = Path(__file__).parent
ROOT: Final = DOCS.parent
# Page -> the file of the repository that the site shows there.
SHOWN: Final = {
    "changelog": "CHANGELOG.md",
    "contributing": "CONTRIBUTING.md",
    "reporting-security": "SECURITY.md",
}
# Other pages whose lists are a part of the navigation.
LISTS: Final = ("decisions/README", "reference/commands")

project = "tapgen"
author = "The tapgen maintainers"
copyright = author  # noqa: A001 - Sphinx calls it so
extensions = ["myst_parser"]
exclude_patterns = ["_*"]
myst_heading_anchors = 6  # links go to headings, as on GitHub
# A link to a heading that two pages have, or to none, is an error with `make docs`.
nitpicky = True
smartquotes = False  # --policy is an option, and no dash
highlight_language = "none"  # a block that names no language is not Python

html_theme = "furo"
html_title = "tapgen"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_favicon = "_static/icon.svg"
html_copy_source = False  # they are beside the pages, see `write_markdown`
templates_path: list[str] = []

linkcheck_timeout = 20
linkcheck_retries = 2
linkcheck_anchors = False  # many pages make theirs by script

_LINK: Final = re.compile(
    r"\[(?P<text>[^]]+)\]\((?!https?:|#)(?P<target>[^)#\s]+)(?P<anchor>#[^)]*)?\)"
)
_ENTRY: Final = re.compile(r"^(?:- |\| \d+ \| )\[[^]]+\]\(([\w/-]+)\.md\)", re.MULTILINE)
# Two versions of a picture, as GitHub has them.
_PICTURE: Final = re.compile(
    r'<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="(?P<dark>[^"]+)">\s*'
    r'<img src="(?P<light>[^"]+)" alt="(?P<text>[^"]+)">\s*</picture>'
)
_SCROLLED: Final = re.compile(r'<pre\b|<div(?= class="table-wrapper)')
_HEADING: Final = re.compile(r"^## (.+)$", re.MULTILINE)
_ANCHOR: Final = re.compile(r'<a id="([^"]+)"></a>')


def read(app: Sphinx, page: str, content: list[str]) -> None:
    """Complete the text of a page before it is parsed: `source-read` of Sphinx."""
    if page in SHOWN:
        app.env.note_dependency(str(ROOT / SHOWN[page]))
    content[0] = text_of(page)
    for anchor in _ANCHOR.findall(content[0]):  # raw HTML, which MyST's links do not know
        app.env.domains.standard_domain.note_hyperlink_target(anchor, page, anchor)
    if page == "index":
        content[0] += "".join(starmap(_toctree, sections(content[0]).items()))
    elif page in LISTS:
        content[0] += _toctree("", _ENTRY.findall(content[0]))


def text_of(page: str) -> str:
    """The text of a page, with links as the site has them."""
    file = ROOT / SHOWN[page] if page in SHOWN else DOCS / f"{page}.md"
    text = _PICTURE.sub(_versions, file.read_text(encoding="utf-8"))
    return _LINK.sub(lambda link: _linked(link, file.parent, page), text)


def _versions(picture: re.Match[str]) -> str:
    """Both versions of a picture, of which the theme shows one: readers may choose their own."""
    return "".join(
        f'<img class="only-{name}" src="{picture[name]}" alt="{picture["text"]}">'
        for name in ("light", "dark")
    )


def sections(index: str) -> dict[str, list[str]]:
    """The pages that the index lists, in its order, by heading."""
    parts = [*(found.start() for found in _HEADING.finditer(index)), len(index)]
    texts = [index[start:end] for start, end in pairwise(parts)]
    return {
        text.splitlines()[0].removeprefix("## "): pages
        for text in texts
        if (pages := _ENTRY.findall(text))
    }


def _toctree(caption: str, pages: list[str]) -> str:
    options = [":hidden:", *([f":caption: {caption}"] if caption else [])]
    lines = ["", "```{toctree}", *options, "", *pages, "```", ""]
    return "\n".join(lines)


def _linked(link: re.Match[str], folder: Path, page: str) -> str:
    """A link as the site has it: to a page, or to the repository where that is known."""
    text, target, anchor = link["text"], link["target"], link["anchor"] or ""
    file = Path(os.path.normpath(folder / target))
    shown = {ROOT / name: DOCS / f"{at}.md" for at, name in SHOWN.items()}
    at = shown.get(file, file)
    if at.is_relative_to(DOCS):
        way = os.path.relpath(at, (DOCS / page).parent)
        return f"[{text}]({way}{anchor})"
    repository = os.environ.get("GITHUB_REPOSITORY")
    if not repository:
        return text  # an address that was guessed may be somebody else's
    files = f"{os.environ['GITHUB_SERVER_URL']}/{repository}/blob/{os.environ['GITHUB_SHA']}"
    return f"[{text}]({files}/{file.relative_to(ROOT)}{anchor})"


def make_accessible(*given: Any) -> None:
    """Complete the HTML of a page for readers without eyes or mouse: `html-page-context`.

    A heading needs a level (ARIA in HTML), and what can be scrolled has to be reached by keys
    (WCAG 2.2, 2.1.1).
    """
    context: dict[str, Any] = given[3]
    navigation = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = navigation.replace(
        'role="heading"', 'role="heading" aria-level="2"'
    )
    if "body" in context:
        context["body"] = _SCROLLED.sub(r'\g<0> tabindex="0"', context["body"])


def write_markdown(app: Sphinx, error: Exception | None) -> None:
    """Write each page as Markdown beside it, and their list, llms.txt (https://llmstxt.org)."""
    if error or app.builder.name != "html":
        return
    for page in app.env.found_docs:
        file = Path(app.outdir) / f"{page}.md"
        file.write_text(text_of(page), encoding="utf-8")
    title, summary, rest = text_of("index").split("\n\n", 2)
    quoted = "".join(f"> {line}\n" for line in summary.splitlines())
    listed = rest[rest.index("## ") :]
    (Path(app.outdir) / "llms.txt").write_text(f"{title}\n\n{quoted}\n{listed}", encoding="utf-8")


def setup(app: Sphinx) -> None:
    app.connect("source-read", read)
    app.connect("html-page-context", make_accessible, priority=900)  # after the theme's
    app.connect("build-finished", write_markdown)

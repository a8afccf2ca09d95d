"""Every document that the repository's code, tests and configuration cite can be opened."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = ("tapgen", "tests", "benchmarks", ".ci", ".devcontainer", ".github", "envs")
COMMENTED = {"", ".cfg", ".in", ".toml", ".yaml", ".yml"}  # where `#` begins a comment
CITED = re.compile(r"(?<![\w/.{-])((?:\.\./)*[\w-]+(?:[/.][\w-]+)*\.md)\b")


def files() -> Iterator[Path]:
    yield from (path for path in ROOT.iterdir() if path.is_file())
    for folder in FOLDERS:
        yield from (path for path in (ROOT / folder).rglob("*") if path.is_file())


def prose(path: Path) -> Iterator[str]:
    """What is said to readers: comments, and in Python docstrings too. Other strings are data."""
    if path.suffix not in COMMENTED | {".py"}:
        return
    text = path.read_text()
    if ".md" not in text:  # most do not, and taking them apart takes seconds
        return
    if path.suffix == ".py":
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        yield from (token.string for token in tokens if token.type == tokenize.COMMENT)
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, documented):
                yield ast.get_docstring(node) or ""
    else:
        yield from re.findall(r"(?:^|\s)#\s(.*)", text)


def citations() -> dict[str, set[Path]]:
    """Document -> the files that cite it."""
    found: dict[str, set[Path]] = {}
    for path in files():
        for text in prose(path):
            for name in CITED.findall(text):
                found.setdefault(name, set()).add(path)
    return found


def test_every_document_that_is_cited_exists() -> None:
    found = citations()
    assert {"docs/architecture.md", "docs/platform.md", "docs/security.md"} <= found.keys()
    lost = {
        f"{path.relative_to(ROOT)} cites {name}"
        for name, paths in found.items()
        for path in paths
        if not ((ROOT / name).is_file() or (path.parent / name).is_file())
    }
    assert not lost


def test_a_comment_and_a_docstring_cite_and_other_strings_do_not(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('"""See docs/a.md."""\nNAME = "b.md"  # like c.md\n')
    setup = tmp_path / "setup.cfg"
    setup.write_text("# docs/d.md says why\nreadme = file: e.md\n")
    said = [*prose(module), *prose(setup), *prose(tmp_path / "page.html")]
    assert sorted(CITED.findall(" ".join(said))) == ["c.md", "docs/a.md", "docs/d.md"]

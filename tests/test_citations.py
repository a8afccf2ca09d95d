"""What is cited is there: documents in code, tests and configuration, and files in documents."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tapgen.cli.main import COMMANDS
from tapgen.payments.layers.registry import LAYERS
from tests.paths import ROOT
from tests.repository_files import needs_git, tracked

FOLDERS = ("tapgen", "tests", "benchmarks", ".ci", ".devcontainer", ".github", "envs")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
COMMENTED = {"", ".cfg", ".in", ".toml", ".yaml", ".yml"}  # where `#` begins a comment
CITED = re.compile(r"(?<![\w/.{-])((?:\.\./)*[\w-]+(?:[/.][\w-]+)*\.md)\b")


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
    for path in map(ROOT.joinpath, tracked()):
        for text in prose(path):
            for name in CITED.findall(text):
                found.setdefault(name, set()).add(path)
    return found


@needs_git
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


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_and_targets_that_documents_name_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for words in re.findall(r"`([^`\n]+)`", document.read_text()):
        for target in re.findall(r"^make ([a-z-]+)", words):
            assert target in targets, words
        for word in words.split():
            name = re.sub(r"<\w+>", "*", word.rpartition("=")[2].partition("::")[0])
            if name.startswith(tuple(f"{folder}/" for folder in (*FOLDERS, "docs"))):
                assert list(ROOT.glob(name)), word


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("Add a layer", [layer.name for layer in LAYERS]),
        ("Add a command", [name.replace("-", "_") for name in COMMANDS]),
    ],
)
def test_what_contributors_are_asked_for_is_there_for_all_that_exists(
    section: str, names: list[str]
) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    (steps,) = re.findall(rf"^## {section}\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    asked = re.findall(r"`([\w/<>]*<name>[\w.]*)`", steps)
    assert len(asked) == 2  # the module and its test
    for wanted in asked:
        anywhere = wanted.replace("<group>", "*")
        assert [name for name in names if not [*ROOT.glob(anywhere.replace("<name>", name))]] == []

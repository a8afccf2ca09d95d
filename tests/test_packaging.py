"""What is published: the source distribution is the repository, the wheel is the package.

Built by the project's own setuptools, without an index and without isolation.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
import tarfile
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from tempfile import mkdtemp
from zipfile import ZipFile

import pytest

from tests.paths import ROOT
from tests.repository_files import needs_git, tracked

pytestmark = needs_git

GENERATED = re.compile(r"PKG-INFO|tapgen\.egg-info/.*")
RUN = {
    "GITHUB_SERVER_URL": "https://git.example.com",
    "GITHUB_REPOSITORY": "owner/tapgen",
    "GITHUB_SHA": "0f1e",
}
REPOSITORY = "https://git.example.com/owner/tapgen"
LINK = re.compile(r"\[([^]]+)\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as it would be cloned, less its history."""
    folder = tmp_path_factory.mktemp("packaging") / "checkout"
    for name in tracked():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    # As an earlier build leaves it, of a module that has been removed since.
    left = folder / "build" / "lib" / "tapgen" / "removed.py"
    left.parent.mkdir(parents=True)
    left.touch()
    return folder


@pytest.fixture(scope="module")
def published(checkout: Path) -> tuple[Path, Path]:
    """Source distribution and wheel, as a run of GitHub Actions builds them."""
    run = {**RUN, "GITHUB_WORKSPACE": str(checkout)}
    return build(checkout, "build_sdist", **run), build(checkout, "build_wheel", **run)


def build(folder: Path, hook: str, **run: str) -> Path:
    """Call a hook of the build backend (PEP 517) as a build frontend does; what it made."""
    made = Path(mkdtemp(prefix=f"{hook}-", dir=folder.parent))
    code = f"from setuptools.build_meta import {hook}; print({hook}({str(made)!r}))"
    environment = {name: value for name, value in os.environ.items() if "GITHUB_" not in name}
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**environment, **run},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return made / ran.stdout.splitlines()[-1]


def unpacked(sdist: Path) -> Path:
    folder = sdist.parent / "unpacked"
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (root,) = folder.iterdir()
    return root


def contents(wheel: Path) -> dict[str, bytes]:
    with ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def metadata(files: dict[str, bytes]) -> tuple[Message, str]:
    """Headers, and the page that an index shows."""
    (text,) = [text for name, text in files.items() if name.endswith(".dist-info/METADATA")]
    headers, _, page = text.decode().partition("\n\n")
    return HeaderParser().parsestr(headers), page


def options(setup: Path) -> dict[str, dict[str, list[str]]]:
    config = configparser.ConfigParser()
    config.read(setup)
    return {
        section: {key: value.split() for key, value in config[section].items()}
        for section in config.sections()
        if section != "egg_info"  # setuptools notes there that the version is final
    }


@pytest.mark.slow
def test_the_sdist_is_the_repository(published: tuple[Path, Path]) -> None:
    root = unpacked(published[0])
    files = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    added = {name for name in files if GENERATED.fullmatch(name)}
    assert added
    assert files - added == set(tracked()), "correct MANIFEST.in"
    # setuptools writes setup.cfg anew, without its comments.
    assert options(root / "setup.cfg") == options(ROOT / "setup.cfg")
    for name in files - added - {"setup.cfg"}:
        assert (root / name).read_bytes() == (ROOT / name).read_bytes(), name
    assert os.access(root / ".ci" / "run", os.X_OK)


@pytest.mark.slow
def test_the_wheel_is_the_package(published: tuple[Path, Path]) -> None:
    files = contents(published[1])
    package = {name for name in tracked() if name.startswith("tapgen/")}
    assert {"tapgen/py.typed", "tapgen/cli/views/report/templates/page.html"} <= package
    assert {name for name in files if ".dist-info/" not in name} == package
    for name in package:
        assert files[name] == (ROOT / name).read_bytes(), name
    (licence,) = [text for name, text in files.items() if name.endswith("/licenses/LICENSE")]
    assert licence == (ROOT / "LICENSE").read_bytes()


@pytest.mark.slow
def test_a_wheel_that_is_built_from_the_sdist_is_the_same(published: tuple[Path, Path]) -> None:
    sdist, wheel = published
    again = build(unpacked(sdist), "build_wheel")
    assert again.name == wheel.name
    assert contents(again) == contents(wheel)


@pytest.mark.slow
def test_on_a_package_index_links_lead_to_the_files_of_the_commit(
    published: tuple[Path, Path],
) -> None:
    shown, page = metadata(contents(published[1]))
    readme = (ROOT / "README.md").read_text()
    links = LINK.findall(readme)
    assert links
    for text, target, anchor in links:
        assert f"[{text}]({REPOSITORY}/blob/0f1e/{target}{anchor})" in page
        assert (ROOT / target).is_file(), target
    assert not LINK.search(page)
    assert page.replace(f"{REPOSITORY}/blob/0f1e/", "").strip() == readme.strip()
    urls = dict(line.split(", ") for line in shown.get_all("Project-URL", []))
    assert urls.pop("Source") == REPOSITORY
    assert urls.keys() == {"Documentation", "Changelog", "Issues", "Security"}
    for url in urls.values():
        path = url.removeprefix(f"{REPOSITORY}/")
        assert path in {"issues", "security/policy"} or (ROOT / path.split("/HEAD/")[1]).exists()


@pytest.mark.slow
@pytest.mark.parametrize("run", [{}, {**RUN, "GITHUB_WORKSPACE": "/"}], ids=["none", "another's"])
def test_where_the_repository_is_not_known_no_address_is_made_up(
    checkout: Path, run: dict[str, str]
) -> None:
    folder = build(checkout, "prepare_metadata_for_build_wheel", **run)
    shown, page = metadata({f"{folder.name}/METADATA": (folder / "METADATA").read_bytes()})
    assert "Project-URL" not in shown
    assert "](" not in page
    assert page.strip() == LINK.sub(r"\1", (ROOT / "README.md").read_text()).strip()


@pytest.mark.slow
def test_the_index_is_told_what_it_shows_and_searches(published: tuple[Path, Path]) -> None:
    shown, _ = metadata(contents(published[1]))
    assert shown["License-Expression"] == "Apache-2.0"
    assert shown["Description-Content-Type"] == "text/markdown"
    assert set(shown.get_all("Provides-Extra", [])) == {"local", "policy", "dev"}
    assert shown["Summary"]
    assert shown["Keywords"]
    # Versions that CI tries.
    classifiers = shown.get_all("Classifier", [])
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    (matrix,) = re.findall(r"python: \[(.*)\]", workflow)
    for version in re.findall(r'"(3\.\d+)"', matrix):
        assert f"Programming Language :: Python :: {version}" in classifiers


def test_the_readme_shows_every_extra_that_people_need() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    shown = re.findall(
        r"^pipx install '\.\[(\w+)\]'", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    assert {*shown, "dev"} == set(config["options.extras_require"])

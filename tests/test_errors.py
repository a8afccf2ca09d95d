from __future__ import annotations

import json
from configparser import ConfigParser
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tapgen import __version__
from tapgen.errors import (
    _EXTRAS,
    MissingExtraError,
    RefusedError,
    TapgenError,
    UsageError,
    from_here,
    requirement,
)


@pytest.mark.parametrize(("kind", "code"), [(TapgenError, 1), (UsageError, 2), (RefusedError, 4)])
def test_an_error_says_what_happened_and_what_to_do(kind: type[TapgenError], code: int) -> None:
    error = kind("no such layer", "Did you mean data?")
    assert (str(error), error.message, error.hint) == (
        "no such layer",
        "no such layer",
        "Did you mean data?",
    )
    assert error.exit_code == code
    assert kind("no such layer").hint == ""
    assert isinstance(error, TapgenError)


class Installed:
    """An installation of tapgen that noted where it came from (PEP 610), or nothing."""

    def __init__(self, origin: dict[str, Any] | None) -> None:
        self._files = {"direct_url.json": json.dumps(origin)} if origin else {}

    def read_text(self, name: str) -> str | None:
        return self._files.get(name)


@pytest.mark.parametrize(
    ("origin", "requirement"),
    [
        (None, "tapgen[local]"),
        ({"url": "file:///src/tapgen", "dir_info": {}}, "tapgen[local] @ file:///src/tapgen"),
        (
            {"url": "file:///dist/tapgen-1-py3-none-any.whl", "archive_info": {}},
            "tapgen[local] @ file:///dist/tapgen-1-py3-none-any.whl",
        ),
        (
            {
                "url": "https://example.com/tapgen.git",
                "vcs_info": {"vcs": "git", "requested_revision": "main", "commit_id": "0f1e"},
            },
            "tapgen[local] @ git+https://example.com/tapgen.git@0f1e",
        ),
    ],
)
def test_a_missing_extra_is_installed_from_where_tapgen_came_from(
    origin: dict[str, Any] | None, requirement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "distribution", lambda _name: Installed(origin))
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    error = MissingExtraError("The local AWS is not installed.", "local")
    assert (error.message, error.exit_code) == ("The local AWS is not installed.", 1)
    assert error.hint.splitlines() == [
        "install tapgen with the extra `local`, using the tool that installed tapgen:",
        f"  pip install '{requirement}'",
        f"  pipx install --force '{requirement}'",
        f"  uv tool install '{requirement}'",
    ]
    assert Requirement(requirement).extras == {"local"}


def test_without_an_installation_the_extra_has_its_plain_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert "  pip install 'tapgen[policy]'\n" in MissingExtraError("no scanner", "policy").hint


@pytest.mark.parametrize(
    ("there", "missing"), [("ministack", "policy"), ("cloudformation_validate", "local")]
)
def test_extras_that_are_there_stay(
    there: str, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name == there or None)
    assert "  pipx install --force 'tapgen[local,policy]" in MissingExtraError("no", missing).hint


def test_every_extra_is_known_by_a_module_that_it_brings() -> None:
    config = ConfigParser()
    config.read(Path(__file__).parents[1] / "setup.cfg")
    asked = config["options.extras_require"]
    assert {*_EXTRAS, "dev"} == set(asked)
    for extra, module in _EXTRAS.items():
        assert set(metadata.packages_distributions()[module]) <= {
            Requirement(line).name for line in asked[extra].split("\n") if line
        }


@pytest.mark.parametrize(
    ("origin", "wanted"),
    [
        (None, f"tapgen[local] == {__version__}"),
        (
            {
                "url": "https://example.com/tapgen.git",
                "vcs_info": {"vcs": "git", "requested_revision": "main", "commit_id": "0f1e"},
            },
            "tapgen[local] @ git+https://example.com/tapgen.git@0f1e",
        ),
        ({"url": "file:///src/tapgen", "dir_info": {}}, f"tapgen[local] == {__version__}"),
    ],
)
def test_a_requirement_is_the_tapgen_that_runs(
    origin: dict[str, Any] | None, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "distribution", lambda _name: Installed(origin))
    locally = "tapgen[local] @ file:///src/tapgen"
    assert from_here("local") == (locally if origin and "dir_info" in origin else "")
    *remark, line = requirement("local").splitlines()
    assert line == wanted
    assert (remark != []) is (origin is not None and origin["url"].startswith("file:"))
    assert all(one.startswith("# ") and "/src/" not in one for one in remark)
    assert Requirement(wanted).name == "tapgen"

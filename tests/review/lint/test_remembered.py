"""A verdict is remembered for exactly the settings and the code that it was found by."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tapgen.model.layer import Layer
from tapgen.model.platform import Platform
from tapgen.payments.platform import PLATFORM
from tapgen.render.memory import evidence
from tapgen.render.memory.store import Store
from tapgen.render.rendering import Rendered
from tapgen.review.lint import remembered
from tapgen.review.lint.findings import Finding
from tapgen.review.lint.remembered import Linting, Verdict
from tests.paths import ROOT

ENVS = ROOT / "envs"


FINDING = Finding("a.json", 1, 2, "E1", "name", "error", "message", environments=("dev",))


def test_a_verdict_comes_back_as_it_was(store: Store, envs: Path, rendered: Rendered) -> None:
    verdict = Linting(store, PLATFORM, envs, ()).keep([FINDING], rendered)
    assert verdict == Verdict((FINDING,), len(rendered.templates), ("dev", "staging", "prod"))
    assert Linting(store, PLATFORM, envs, ()).verdict() == verdict
    assert Linting(store, PLATFORM, envs, ("dev",)).verdict() is None
    assert Linting(None, PLATFORM, envs, ()).verdict() is None
    assert Linting(store, replace(PLATFORM, rules=""), envs, ()).verdict() is None
    (envs / "dev.yaml").open("a").write("# a word")
    assert Linting(store, PLATFORM, envs, ()).verdict() is None


@pytest.mark.parametrize(
    ("module", "counts"),
    [
        ("review/lint/lint.py", True),
        ("review/lint/rules/rule.py", True),
        ("render/examples.py", True),
        ("payments/layers/api.py", False),
        ("payments/rules/network.py", False),
        ("settings/store.py", False),
        ("cli/main.py", False),
    ],
)
def test_templates_are_judged_by_what_judges_not_by_what_makes_them(
    store: Store, envs: Path, module: str, counts: bool
) -> None:
    assert judges(store, PLATFORM, evidence.PACKAGE + module) is counts


@pytest.mark.parametrize(
    ("module", "counts"),
    [("layers/queue.py", False), ("layers/parts/letters.py", False), ("rules.py", True)],
)
def test_nor_by_the_layers_of_a_platform_outside_of_tapgen(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, counts: bool
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    layers = tmp_path / "acme" / "layers"
    layers.mkdir(parents=True)
    (layers / "__init__.py").touch()
    platform = Platform(name="acme", layers=(Layer("queue", "", package="acme.layers"),))
    assert judges(store, platform, os.fspath(tmp_path / "acme" / module)) is counts


def judges(store: Store, platform: Platform, path: str) -> bool:
    """Whether an edit of the file makes tapgen ask cfn-lint about a template again."""
    evidence.rely_on([path, "/lib/cfnlint/rules/a.py"])
    templates = Linting(store, platform, Path("envs"), ()).templates
    templates.note([], "template")
    templates.keep()
    (code,) = [
        entry
        for kept in store.folder.iterdir()
        if (entry := store.load(kept.name)) and "/lib/cfnlint/rules/a.py" in entry
    ]
    return path in code


def test_others_findings_stand_behind_its_own() -> None:
    other = replace(FINDING, rule="CKV_AWS_1")
    assert Verdict((FINDING,), 1, ("dev",)).with_more([other]).findings == (FINDING, other)


def test_a_verdict_on_edited_settings_is_not_remembered(
    store: Store, envs: Path, rendered: Rendered
) -> None:
    running = Linting(store, PLATFORM, envs, ())
    (envs / "dev.yaml").open("a").write("# a word")
    running.keep([FINDING], rendered)
    assert not store.folder.exists()


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`today(date)` makes it that day."""

    def set_to(date: str) -> None:
        monkeypatch.setattr(remembered, "today", lambda: date)

    set_to("2029-06-29")
    return set_to


def test_a_verdict_holds_for_the_day(store: Store, rendered: Rendered, today: Any) -> None:
    """cfn-lint finds a runtime from the day on which Lambda refuses it."""
    kept = Linting(store, PLATFORM, ENVS, ()).keep([], rendered)
    assert Linting(store, PLATFORM, ENVS, ()).verdict() == kept
    today("2029-06-30")
    assert Linting(store, PLATFORM, ENVS, ()).verdict() is None


def test_what_was_found_in_a_template_holds_for_the_day(store: Store, today: Any) -> None:
    templates = Linting(store, PLATFORM, ENVS, ()).templates
    templates.note(["found"], "template")
    templates.keep()
    assert Linting(store, PLATFORM, ENVS, ()).templates.recall("template") == ["found"]
    today("2029-06-30")
    assert Linting(store, PLATFORM, ENVS, ()).templates.recall("template") is None

"""Every form of `tapgen parity --live` over one comparison, against golden files."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from tapgen.cli.views.live import behaviour as view
from tapgen.operations.sameness import Behaved
from tapgen.review.parity.behaviour import Behaviour, Latency, MayDiffer, Traits, compare
from tapgen.review.parity.traits import IGNORED
from tests import golden_files
from tests.documents import blocks
from tests.paths import ROOT

SERVER = MayDiffer("header server", "staging is behind another proxy")
NEVER = MayDiffer("header x-old", "it is gone soon", exchange="GET *")
SAME: Traits = {"status": "200", "header server": "nginx", "header x-frame-options": "DENY"}
LONG = "default-src 'none'; frame-ancestors 'none'; report-uri /csp"


def heard(**more: str) -> Behaviour:
    """Three exchanges, of which the environment answers one in its own way."""
    exchanges: dict[str, Traits | None] = {
        "GET /health": {**SAME, **more, "body": "object", "body/status": "string"},
        "GET /x": {**SAME, **more, "body": "empty"},
        "POST /x": {"status": "201"},
    }
    latency = Latency(12, 14, 20, 5)
    once = Latency(30, 30, 30, 1)
    return Behaviour(exchanges, {"GET /health": latency, "GET /x": latency, "POST /x": once})


def behaved(*, live: bool = False) -> Behaved:
    """A header, a status, a part of a body; a header that may differ, one exchange left out."""
    staging = heard(**{"header server": "envoy", "header content-security-policy": LONG})
    health = dict(staging.exchanges["GET /health"] or {})
    del health["body/status"]
    exchanges = {**staging.exchanges, "GET /health": health, "GET /y": {"status": "200"}}
    exchanges["GET /x"] = {**(exchanges["GET /x"] or {}), "status": "202"}
    environments = {"staging": Behaviour(exchanges, staging.latency), "prod": heard()}
    return Behaved(
        compare(environments, (SERVER, NEVER)),
        against=None if live else Path("now.json"),
        writes=live,
        samples=5,
    )


def same(*names: str) -> Behaved:
    return Behaved(compare(dict.fromkeys(names, heard())), None, writes=True, samples=5)


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_golden(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    view.show(behaved(), form, 0)
    ending = {"text": "txt", "json": "json", "markdown": "md"}[form]
    golden_files.check(f"parity/live.{ending}", click.unstyle(capsys.readouterr().out))


def test_the_page_shows_what_is_printed() -> None:
    (shown,) = blocks((ROOT / "docs" / "behaving-the-same.md").read_text(), "")
    golden = (golden_files.GOLDEN / "parity" / "live.txt").read_text()
    assert golden.startswith(shown)


def test_on_a_narrow_terminal_tables_become_paragraphs() -> None:
    text = click.unstyle(view.text(behaved(), 48))
    assert max(map(len, text.splitlines())) <= 48
    golden_files.check("parity/live-narrow.txt", text + "\n")
    assert view.text(behaved(), 400) == view.text(behaved())


def test_quiet_tells_what_differs_and_the_verdict() -> None:
    assert click.unstyle(view.text(same("a", "b"), verbosity=-1)) == (
        "a, b: the same in 3 exchanges."
    )
    text = view.text(behaved(), verbosity=-1)
    assert "Milliseconds" not in text
    assert "note:" not in text
    assert "header server" in text


def test_verbose_cuts_nothing() -> None:
    text = view.text(behaved(), verbosity=1)
    assert LONG in text
    assert ", ".join(IGNORED) in text
    assert LONG not in view.text(behaved())


def test_what_an_answer_says_cannot_steer_the_terminal() -> None:
    one, other = heard(**{"body/a\nb": "x\ny"}), heard()
    found = Behaved(compare({"a": one, "b": other}), None, writes=True, samples=5)
    assert "body/a\\nb  x\\ny  -" in view.text(found)


def test_values_that_differ_never_look_the_same() -> None:
    ends = {"a": f"{LONG} a", "b": f"{LONG} b"}
    environments = {name: heard(**{"header content-security-policy": ends[name]}) for name in ends}
    text = view.text(Behaved(compare(environments), None, writes=True, samples=5))
    assert all(end in text for end in ends.values())


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (same("a"), "a: 3 exchanges recorded. There is no other environment to compare it with."),
        (same("a", "b"), "a, b: the same in 3 exchanges."),
        (behaved(), "staging, prod: NOT the same: 3 differences, in 2 exchanges."),
    ],
)
def test_the_verdict_is_one_line(found: Behaved, verdict: str) -> None:
    assert view.verdict(found.comparison) == verdict


def test_what_may_differ_is_no_reason_to_fail_and_is_said() -> None:
    heard_of = {"a": heard(), "b": heard(**{"header server": "envoy"})}
    found = compare(heard_of, (SERVER,))
    assert view.verdict(found) == "a, b: the same in 3 exchanges, except for what may differ."


def test_what_was_written_is_not_called_left_out() -> None:
    assert "requests that write were left out" not in view.text(behaved(live=True))
    assert "requests that write were left out" in view.text(behaved())


def test_of_many_environments_values_name_who_has_them() -> None:
    environments = {
        f"e{n:03}": heard(**{"header server": "envoy" if n % 7 else "nginx"}) for n in range(100)
    }
    found = Behaved(compare(environments), None, writes=True, samples=5)
    lines = click.unstyle(view.text(found)).splitlines()
    assert max(map(len, lines)) < 130
    assert [" ".join(line.split()) for line in lines[:4]] == [
        "Differs and must not",
        "what value environments in",
        "header server envoy e001, e002, e003, e004 and 81 more GET /health, GET /x",
        "nginx e000, e007, e014, e021 and 11 more",
    ]
    assert len(json.dumps(view.record(found))) > 0


def test_who_cannot_tell_is_not_called_different() -> None:
    bodies: dict[str, Traits] = {
        "a": {"body": "object", "body/x": "object", "body/x/y": "integer"},
        "b": {"body": "object", "body/x": "object", "body/x/y": "string"},
        "c": {"body": "object", "body/x": "null"},
    }
    found = compare({name: Behaviour({"GET x": one}) for name, one in bodies.items()})
    text = click.unstyle(view.text(Behaved(found, None, writes=True, samples=2)))
    assert ["body/x/y", "integer", "string", "not", "known", "GET", "x"] in [
        line.split() for line in text.splitlines()
    ]

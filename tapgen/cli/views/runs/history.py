"""The output of `tapgen history`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import click

from tapgen.cli import machine
from tapgen.cli.terminal import echo, verbosity
from tapgen.cli.views.runs.changes import change_words
from tapgen.cli.views.text import columns, folded, seconds, table
from tapgen.deploy.flow.parallel import all_of
from tapgen.deploy.plan.plan_records import change_of
from tapgen.errors import TapgenError
from tapgen.model.parts.running import results
from tapgen.model.release import FAILED, SUCCEEDED, TIME, Begun, Release, StackEnd, document, moment
from tapgen.operations.record.releases import Detail, History

HEADINGS: Final = (
    *("release", "began (UTC)", "took", "command"),
    *("outcome", "by", "commit", "reason"),
)
"""Over the cells of `row`."""
_OUTCOME: Final = HEADINGS.index("outcome")
_COLOURS: Final = {SUCCEEDED: "green", FAILED: "red"}
_SHORT: Final = 10  # characters of a commit's hash that people are shown
_UNDER_WAY: Final = "under way"


def show(found: Mapping[str, History | TapgenError], output: str) -> None:
    """Print the releases of each environment, newest first, and how AWS differs from them.

    An environment that cannot be read does not hide the others: its error is raised at the end.
    """
    failures = {name: one for name, one in found.items() if isinstance(one, TapgenError)}
    told = {name: one for name, one in found.items() if isinstance(one, History)}
    error = all_of(failures, closing="") if failures else None
    if output == "json":
        machine.show({"environments": {n: _record(one) for n, one in told.items()}}, error)
    else:
        for number, one in enumerate(told.values()):
            if number:
                echo()
            _show_releases(one, many=len(found) > 1)
    if error:
        raise error


def show_one(detail: Detail, output: str) -> None:
    """Print one release: who, when, why, how it ended for each stack, and what changed."""
    release, begun = detail.release, detail.release.begun
    if output == "json":
        shown = {
            **summary(release),
            "record": {
                "begun": document(begun),
                "ended": document(release.ended) if release.ended else None,
            },
            "changed": _changed(detail),
        }
        only = {"ledger": detail.ledger, "total": None, "releases": [shown], "disagreements": None}
        machine.show({"environments": {detail.environment: only}})
        return
    width = columns(results())
    rows = [[name, value] for name, value in _facts(detail) if value]
    heading = f"{detail.environment} release {release.number}: {begun.command}, "
    echo(click.style(heading, bold=True) + _coloured(_outcome(release)))
    echo("\n".join(folded(f"  {name:9}{value}", width) for name, value in rows))
    echo()
    echo(folded(table(["layer", "outcome", "time", "changes"], [*_stacks(release)]), width))
    for line in _lines(detail):
        echo(folded(line, width))


def _show_releases(history: History, *, many: bool) -> None:
    width = columns(results())
    if many:
        echo(click.style(history.environment, bold=True))
    if not history.releases:
        echo(f"{history.environment} has no release in {history.ledger} yet.", err=True)
        return
    rows = [row(release) for release in history.releases]
    for cells in rows:
        cells[_OUTCOME] = _coloured(cells[_OUTCOME])
    echo(folded(table([*HEADINGS], rows), width))
    left = history.total - len(history.releases)
    if left:
        echo(f"{left} older; --limit {history.total} shows all.", err=True)
    for layer, text in history.disagreements.items():
        echo(folded(click.style(f"{layer}: {text}", fg="yellow"), width), err=True)
    if history.disagreements and verbosity() >= 0:
        way = f"`{history.command}` brings AWS in line with what is declared, and records it."
        said = f"AWS and the ledger ({history.ledger}) do not agree. {way}"
        echo(folded(said, width), err=True)


def _facts(detail: Detail) -> Iterator[tuple[str, str]]:
    release, begun = detail.release, detail.release.begun
    yield "by", begun.caller
    yield (
        "began",
        f"{moment(begun.began)} UTC" + (f", took {_took(release)}" * bool(_took(release))),
    )
    yield "reason", begun.reason
    yield "commit", (begun.commit.id if begun.commit else "") + _dirty(begun)
    yield "from", begun.source
    yield "plan", begun.plan_digest
    for approval in begun.approvals:
        yield "approved", _approval(approval)
    yield "lifted", " ".join(begun.lifted)
    yield "tapgen", begun.tapgen
    yield "ledger", detail.ledger
    if release.ended and release.ended.completed_by:
        yield "end", f"completed later, from what AWS reported, by {release.ended.completed_by}"


def _stacks(release: Release) -> Iterator[list[str]]:
    for layer, declared in release.begun.stacks.items():
        end = release.ended.stacks.get(layer) if release.ended else None
        counts: dict[str, int] = {}
        for change in declared.get("changes", ()):
            counts[change["action"]] = counts.get(change["action"], 0) + 1
        words = ", ".join(f"{count} {action.lower()}" for action, count in counts.items())
        if declared.get("kind") == "Pending":
            words = "not known when it was planned"
        yield [
            layer,
            _word(end) if end else _UNDER_WAY,
            "" if end is None or end.seconds is None else seconds(end.seconds),
            words,
        ]


def _lines(detail: Detail) -> Iterator[str]:
    """Failures, changed resources, and templates and parameters that changed."""
    release = detail.release
    for layer, end in (release.ended.stacks if release.ended else {}).items():
        if end.reason:
            yield f"\n{layer}: {end.reason}"
    for layer, declared in release.begun.stacks.items():
        changes = [f"  {change_words(change_of(one))}" for one in declared.get("changes", ())]
        yield from _headed(layer, changes)
    changed = _changed(detail)
    others = [f"  template of {layer}" for layer in changed["templates"]]
    others += ["  code of the functions"] if changed["code"] else []
    yield from _headed("Declared differently than before", [*others, *_parameters(changed)])


def _headed(heading: str, lines: list[str]) -> list[str]:
    return [click.style(f"\n{heading}", bold=True), *lines] if lines else []


def _parameters(changed: Mapping[str, Any]) -> Iterator[str]:
    for one in changed["parameters"]:
        before, after = (
            "(none)" if value is None else value or "''" for value in (one["before"], one["after"])
        )
        yield f"  {one['name']}: {before} -> {after}"


def _changed(detail: Detail) -> dict[str, Any]:
    """Declarations of the release that differ from earlier ones; `new` are layers without any."""
    begun = detail.release.begun
    parameters, templates = [], []
    for layer, earlier in detail.before.items():
        now, before = begun.stacks[layer]["stack"], earlier.stacks[layer]["stack"]
        if now["template_sha256"] != before["template_sha256"]:
            templates.append(layer)
        for name in sorted(now["parameters"].keys() | before["parameters"].keys()):
            values = [one["parameters"].get(name) for one in (before, now)]
            if values[0] != values[1]:
                shown = {"name": f"{layer}.{name}", "before": values[0], "after": values[1]}
                parameters.append(shown)
    codes = {one.code_sha256 for one in detail.before.values()} - {""}
    return {
        "templates": templates,
        "new": [layer for layer in begun.stacks if layer not in detail.before],
        "code": bool(codes and begun.code_sha256 and begun.code_sha256 not in codes),
        "parameters": parameters,
    }


def row(release: Release) -> list[str]:
    """The cells of a release's row, without colours."""
    begun = release.begun
    return [
        *(str(release.number), moment(begun.began), _took(release), begun.command),
        *(_outcome(release), _who(begun.caller), _commit(begun), begun.reason),
    ]


def _record(history: History) -> dict[str, Any]:
    return {
        "ledger": history.ledger,
        "total": history.total,
        "releases": [
            {**summary(release), "record": None, "changed": None} for release in history.releases
        ],
        "disagreements": dict(history.disagreements),
    }


def summary(release: Release) -> dict[str, Any]:
    """A release as JSON values, without its record."""
    begun, ended = release.begun, release.ended
    return {
        "release": release.number,
        "command": begun.command,
        "outcome": _outcome(release),
        "began": begun.began,
        "ended": ended.ended if ended else None,
        "caller": begun.caller,
        "commit": {"id": begun.commit.id, "dirty": begun.commit.dirty} if begun.commit else None,
        "reason": begun.reason,
        "plan_digest": begun.plan_digest,
        "approvals": len(begun.approvals),
    }


def _outcome(release: Release) -> str:
    return release.ended.outcome if release.ended else _UNDER_WAY


def _coloured(outcome: str) -> str:
    return click.style(outcome, fg=_COLOURS.get(outcome, "yellow"))


def _word(end: StackEnd) -> str:
    bad = end.outcome in {"Failed", "Skipped"}
    return click.style(end.outcome.lower(), fg="red" if bad else None)


def _took(release: Release) -> str:
    if release.ended is None or release.ended.completed_by:
        return ""
    begun, ended = (
        datetime.strptime(text, TIME)  # noqa: DTZ007 - both are UTC
        for text in (release.begun.began, release.ended.ended)
    )
    return seconds((ended - begun).total_seconds())


def _who(caller: str) -> str:
    """The end of an ARN: "role/session" of an assumed role, "user/name", "root"."""
    name = caller.rpartition(":")[2]
    return name.removeprefix("assumed-role/")


def _approval(told: Mapping[str, Any]) -> str:
    """Who approved the plan, when and why."""
    signed = told["approval"]
    words = f"{_who(signed['approver'])}, {moment(signed['signed'])} UTC"
    return f"{words}: {signed['reason']}" if signed["reason"] else words


def _commit(begun: Begun) -> str:
    return (begun.commit.id[:_SHORT] if begun.commit else "-") + _dirty(begun)


def _dirty(begun: Begun) -> str:
    return " and more" if begun.commit and begun.commit.dirty else ""

"""The schemas themselves; that outputs are as they say, `json_output.check` sees in every run."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import click
import jsonschema
import pytest

from tapgen.cli import machine, schemas
from tapgen.cli.boundary import BUG, INTERRUPTED
from tapgen.cli.schemas import SCHEMAS, schema_text
from tapgen.cli.views.runs import ends
from tapgen.cli.views.runs.outcomes import as_record, plan_record
from tapgen.cli.views.runs.progress import JsonLines
from tapgen.deploy.flow import events
from tapgen.errors import RefusedError, TapgenError, UsageError
from tapgen.model.changes.change import Change, ChangeSet, PropertyChange
from tapgen.model.deployed.events import (
    Created,
    Deleted,
    Failed,
    Outcome,
    ResourceEvent,
    RolledBack,
    RootCause,
    Skipped,
    Unchanged,
    Updated,
)
from tapgen.model.layer import OutputRef
from tapgen.model.plan import (
    KINDS,
    Adoption,
    Blocked,
    Entry,
    FailedCreation,
    NoChange,
    Pending,
    Plan,
    Planned,
    PlannedHook,
    Refusal,
)
from tapgen.model.stack import Stack
from tapgen.operations.record.restoration import WayBack
from tapgen.review.diff.effect import Effect
from tapgen.review.lint.findings import Finding
from tests.cli.command_tree import command_at, commands
from tests.cli.json_output import check, check_against, schema_of

DOCUMENTS = {name: json.loads(schema_text(name)) for name in SCHEMAS}
every_schema = pytest.mark.parametrize("name", SCHEMAS)
# What may be missing; everything else is always there.
OPTIONAL = {
    "after",
    "before",
    "endpoint_url",
    "enforces_iam",
    "error",
    "moved_from",
    "pid",
}


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema within a schema."""
    if isinstance(schema, dict):
        yield schema
        for part in schema.values():
            yield from parts(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from parts(part)


def kinds(schema: dict[str, Any], field: str) -> set[str]:
    return {
        each["properties"][field]["const"]
        for each in schema["oneOf"]
        if field in each["properties"]
    }


def test_there_is_a_file_for_each_and_none_else() -> None:
    folder = Path(schemas.__file__).parent
    assert {path.stem for path in folder.glob("*.json")} == SCHEMAS.keys()


@every_schema
def test_it_is_a_schema_of_draft_2020_12(name: str) -> None:
    document = DOCUMENTS[name]
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(document)


@every_schema
def test_every_field_is_named_and_is_there(name: str) -> None:
    """So a field that is added, or left out, has to be added or left out here."""
    for part in parts(DOCUMENTS[name]):
        if "properties" in part and part.get("type") == "object":
            assert "additionalProperties" in part, part
            assert part["properties"].keys() - {*part["required"]} <= OPTIONAL


@every_schema
def test_what_several_share_is_the_same(name: str) -> None:
    for other in DOCUMENTS.values():
        for what, definition in other.get("$defs", {}).items():
            assert DOCUMENTS[name].get("$defs", {}).get(what, definition) == definition


@every_schema
def test_it_has_what_it_refers_to_and_nothing_else(name: str) -> None:
    document = DOCUMENTS[name]
    referred = {part["$ref"] for part in parts(document) if "$ref" in part}
    assert referred == {f"#/$defs/{what}" for what in document.get("$defs", {})}


@every_schema
def test_every_document_has_the_version(name: str) -> None:
    document = DOCUMENTS[name]
    for each in document.get("oneOf", [document]):
        has = each["properties"].get("version", {}).get("const")
        assert has == (None if name == "flat-outputs" else machine.VERSION)


def test_every_command_that_prints_json_has_one() -> None:
    described = {command for of in SCHEMAS.values() for command in of}
    printing = set()
    for path in commands():
        for param in command_at(path).params:
            if param.name == "output" and isinstance(param.type, click.Choice):
                printing |= {" ".join(path)} if "json" in param.type.choices else set()
    assert described == printing | {
        "adopt --dry-run",
        "bootstrap --check",
        "bootstrap --dry-run",
        "rollback --dry-run",
        "drift --repair",
        "outputs --format flat",
        "parity --live",
    }


def test_streams_say_that_they_are_streams(tapgen: Any) -> None:
    for line in SCHEMAS["events"]:
        shown = tapgen(*line.split()[:1], "--help").out
        assert "stream" in shown, line
    assert "stream" not in tapgen("plan", "--help").out


OUTCOMES: list[Outcome] = [
    Unchanged({"A": "b"}),
    Created({"A": "b"}, ("Table",)),
    Updated({}, ()),
    Deleted((("AWS::KMS::Key", "k"),), (("AWS::KMS::Key", "k"),), (("AWS::KMS::Key", "k"),)),
    RolledBack(("Table",)),
    Failed("no", "ROLLBACK_COMPLETE", RootCause("data", "Table", "T", "no"), "Mend it."),
    Failed("no"),
    Skipped("data failed"),
]
EVENT = ResourceEvent("1", "Table", "t", "AWS::DynamoDB::Table", "CREATE_FAILED", "no", None, "/R")


def entries(stack: Stack) -> dict[str, Entry]:
    """One of each kind, with everything that it may hold."""
    detail = PropertyChange(
        "/Properties/A", "Properties", "A", "Modify", "1", "2", "Never", "x", "y"
    )
    change = Change(
        "Modify", "TransactionsTable", "AWS::DynamoDB::Table", "True", "Delete", (detail,)
    )
    adoption = Adoption("Key", "AWS::KMS::Key", "KeyId", "k", {"Enabled": True})
    sets = ChangeSet("arn", "id", (change,))
    return {
        "planned": Planned(stack, "UPDATE", dict(stack.parameters), sets, {}, (adoption,)),
        "same": NoChange(stack, {}, "2026-01-01"),
        "pending": Pending(stack, (OutputRef("network", "VpcId"),)),
        "leftover": FailedCreation(stack, "ROLLBACK_COMPLETE"),
        "blocked": Blocked(stack, "UPDATE_ROLLBACK_FAILED", "no", "Recover.", refused=True),
    }


def test_every_kind_of_entry_is_described(stack: Stack) -> None:
    plan = Plan(
        "dev",
        entries(stack),
        ("same",),
        {"": (Refusal("no"),), "planned": (Refusal("no"),)},
        {"planned": (PlannedHook("migrate", "before", 60.0),)},
    )
    record = plan_record(plan)
    check_against("plan", {"version": 1, "environments": {"dev": json.loads(json.dumps(record))}})
    entry = DOCUMENTS["plan"]["$defs"]["entry"]
    assert {one["kind"] for one in record.values()} == kinds(entry, "kind") == {*KINDS.values()}


def test_every_event_that_is_shown_is_described(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    view = JsonLines(["dev", "qa"])
    told: list[events.Event] = [
        events.Planning("data"),
        events.PlanReady(Plan("dev", entries(stack))),
        events.Started("data", "create"),
        events.Progress("data", EVENT),
        events.Progress("data", dataclasses.replace(EVENT, at=datetime(2026, 1, 1, tzinfo=UTC))),
        events.Note("data", "soon"),
        events.Hooked("data", "migrate", "before", "begins", 60.0),
        *(events.Finished("data", outcome, 1.0) for outcome in OUTCOMES),
    ]
    for event in told:
        view.show(events.Within("dev", event))
    view.show(events.RollsBack("dev", 4, "2026-03-01T09:30:00Z", "PAY-1", ("left",)))
    view.show(events.Interrupted("Once more ends it."))
    view.show(events.EnvironmentEnded("dev", {}, 2.0))
    ends.show_outcomes({"dev": {}}, {"dev": 3}, {"dev": WayBack(2, "tapgen rollback --env dev")})
    machine.show_event("Drift", {"environment": "dev", "drifted": False, "layers": {}})
    out = capsys.readouterr().out
    check(["deploy", "--format", "json"], out)
    names = {json.loads(line)["event"] for line in out.splitlines()}
    assert names == kinds(DOCUMENTS["events"], "event")
    # The others are said on stderr, or are no lines of their own.
    silent = {"TakenOver", "NotRecorded", "Proven", "PlansReady", "DriftFound", "Remark", "Begins"}
    silent |= {"Within", "NotNotified"}
    shown = names - {"Outcomes", "Drift"}
    assert {kind.__name__ for kind in get_args(events.Event)} == shown | silent
    assert {type(one).__name__ for one in OUTCOMES} == {kind.__name__ for kind in get_args(Outcome)}
    assert kinds(DOCUMENTS["events"]["$defs"]["outcome"], "kind") == {
        kind.__name__ for kind in get_args(Outcome)
    }
    assert as_record(events.Planning("data")) == {"event": "Planning", "layer": "data"}


def test_the_words_of_a_schema_are_those_of_the_program() -> None:
    assert DOCUMENTS["diff"]["$defs"]["effect"]["enum"] == [effect.value for effect in Effect]
    error = DOCUMENTS["error"]["$defs"]["error"]["properties"]
    codes = [kind.exit_code for kind in (TapgenError, UsageError, RefusedError)]
    assert error["code"]["enum"] == [*codes, BUG, INTERRUPTED]
    own = {kind.kind for kind in (TapgenError, UsageError, RefusedError)}
    assert {*error["kind"]["enum"]} == own | {"declined", "bug", "interrupted"}
    finding = DOCUMENTS["lint"]["$defs"]["finding"]["properties"]
    assert {*finding} == {field.name for field in dataclasses.fields(Finding)}


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("plan --env dev -f json", "plan"),
        ("env show dev", "env-show"),
        ("drift dev --repair", "events"),
        ("drift dev", "drift"),
        ("promote --from staging prod", "events"),
        ("graph -f json", "error"),
    ],
)
def test_a_command_line_leads_to_its_schema(line: str, name: str) -> None:
    assert schema_of(line.split()) == name


@pytest.mark.parametrize(
    "out",
    ['{"version": 1}', '{"version": 2, "changes": []}', '{"version": 1, "changes": [], "x": 1}'],
)
def test_what_is_not_as_its_schema_says_is_found(out: str) -> None:
    check(["render"], out)  # nobody asked for JSON
    with pytest.raises(AssertionError, match="render: "):
        check(["render", "--format", "json"], out)

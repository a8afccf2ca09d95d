"""The record of a run, on the local AWS: what is written when, and what is said where it is not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from tapgen.aws.cloudformation.requests import release_of
from tapgen.cli.schemas import schema_text
from tapgen.deploy.flow.host import Recorder
from tapgen.deploy.record.agreement import disagreements
from tapgen.deploy.record.ledger import Ledger, template_key
from tapgen.deploy.record.mending import NOT_BEGUN, complete, completed, now
from tapgen.deploy.record.places import Folder
from tapgen.deploy.record.recording import About, Recording
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.target.lock import locked
from tapgen.deploy.target.run import Run
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import Outcome
from tapgen.model.release import Begun, Release
from tests.lab import REGION

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.deploy.target.target import Target
    from tapgen.model.stack import Stack
    from tests.lab import Lab

    Faults = Callable[[dict[str, Any]], None]

pytestmark = pytest.mark.slow


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(Folder(tmp_path / "ledger"), REGION, "lab")


def data(lab: Lab, value: str = "one", **more: Any) -> Stack:
    return lab.stack(
        "data", {"Note": lab.note({"Ref": "Value"})}, parameters={"Value": value}, **more
    )


def zone(lab: Lab) -> Stack:
    return lab.stack("zone", {"Zone": lab.note()})


def recorded(
    ledger: Ledger, target: Target, *, ends: bool = True, **about: Any
) -> tuple[Recording, dict[str, Outcome]]:
    """Deploy with a record; without `ends` the run is killed before it could write the end."""
    deployment = Deployment(Run.on(target), target.graph)
    plan = deployment.plan(Recorder())
    recording = Recording(deployment.run, ledger, About(command="deploy", **about))
    recording.look()
    recording.begin_plan(plan)
    outcomes = deployment.carry_out(plan, Recorder())
    if ends:
        recording.end(outcomes)
    return recording, outcomes


def read(ledger: Ledger, number: int) -> Release:
    release = ledger.read(number)
    assert release is not None
    return release


def tokens(target: Target, layer: str) -> set[int | None]:
    """The releases that the events of a stack's newest operation name."""
    stack = target.stacks[layer]
    events = target.cloudformation(stack).operation(stack.name)
    return {release_of(event.token) for event in events}


def test_a_record_says_who_did_what_and_what_became_of_it(lab: Lab, ledger: Ledger) -> None:
    target = lab.target(data(lab), zone(lab))
    recorded(ledger, target, reason="first", lifted=("--allow-unprotect",))
    release = read(ledger, 1)
    begun, ended = release.begun, release.ended
    assert ended is not None
    assert begun.caller == f"arn:aws:iam::{lab.account}:root"
    assert (begun.command, begun.reason, begun.environment) == ("deploy", "first", "lab")
    assert begun.lifted == ("--allow-unprotect",)
    assert begun.stacks["data"]["stack"]["parameters"] == {"Value": "one"}
    assert begun.stacks["data"]["changes"][0]["logical_id"] == "Note"
    assert ended.outcome == "succeeded"
    assert {end.outcome for end in ended.stacks.values()} == {"Created"}
    assert ended.stacks["data"].updated == target.describe("data").updated
    assert ended.stacks["data"].change_sets == (begun.stacks["data"]["change_set"],)
    assert ended.stacks["data"].seconds is not None
    for stack in target.stacks.values():
        kept = ledger.content(template_key(stack.template.sha256))
        assert kept == stack.template.text.encode()
    assert begun.code_sha256 == ""  # no stack takes code


def test_what_is_written_is_as_its_schema_says(lab: Lab, ledger: Ledger, tmp_path: Path) -> None:
    recorded(ledger, lab.target(data(lab)))
    folder = tmp_path / "ledger" / "releases" / REGION / "lab"
    schema = json.loads(schema_text("history"))
    for part in ("begun", "ended"):
        document = json.loads((folder / f"000001-{part}.json").read_text())
        own = {"$defs": schema["$defs"], "$ref": f"#/$defs/{part}"}
        assert [*Draft202012Validator(own).iter_errors(document)] == []


def test_a_stack_carries_the_number_of_the_release_that_changed_it(
    lab: Lab, ledger: Ledger
) -> None:
    recorded(ledger, lab.target(data(lab), zone(lab)))
    target = lab.target(data(lab, "two"), zone(lab))
    recorded(ledger, target)
    assert (tokens(target, "data"), tokens(target, "zone")) == ({2}, {1})
    ended = read(ledger, 2).ended
    assert ended is not None
    assert {layer: end.outcome for layer, end in ended.stacks.items()} == {
        "data": "Updated",
        "zone": "Unchanged",
    }
    assert disagreements(target, [read(ledger, 2), read(ledger, 1)], whole=True) == {}


def test_what_the_last_release_had_is_not_written_again(
    lab: Lab, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(ledger, lab.target(data(lab), zone(lab)))
    written: list[str] = []
    put = Folder.put

    def watched(folder: Folder, key: str, content: bytes) -> bool:
        written.append(key)
        return put(folder, key, content)

    monkeypatch.setattr(Folder, "put", watched)
    recorded(ledger, lab.target(data(lab, "two"), zone(lab)))
    assert written == [f"releases/{REGION}/lab/000002-{part}.json" for part in ("begun", "ended")]


def test_the_code_of_functions_is_kept(lab: Lab, ledger: Ledger) -> None:
    compute = lab.stack(
        "compute",
        {"Note": lab.note()},
        parameters={"CodeKey": "key"},
        settings={"CodeKey": "code.key"},
    )
    run = lab.run(compute)
    recording = Recording(run, ledger, About(command="deploy"))
    recording.look()
    deployment = Deployment(run, run.target.graph)
    recording.begin_plan(deployment.plan(Recorder()))
    deployment.discard()
    begun = read(ledger, 1).begun
    assert begun.code_sha256 == lab.code.sha256
    assert ledger.content(f"content/{lab.code.sha256}.zip") == lab.code.zip()


def test_no_secret_is_in_it(lab: Lab, ledger: Ledger, tmp_path: Path) -> None:
    note = {"Note": lab.note({"Ref": "DatabasePassword"})}
    stack = lab.stack("data", note, parameters={"DatabasePassword": "sesame"})
    recorded(ledger, lab.target(stack))
    for path in (tmp_path / "ledger").rglob("*.json"):
        assert "sesame" not in path.read_text()


def test_what_failed_is_recorded_with_its_cause(lab: Lab, ledger: Ledger, faults: Faults) -> None:
    faults({"create:Note": "no"})
    recorded(ledger, lab.target(data(lab)))
    ended = read(ledger, 1).ended
    assert ended is not None
    end = ended.stacks["data"]
    assert (ended.outcome, end.outcome, end.status) == ("failed", "Failed", "ROLLBACK_COMPLETE")
    assert "data.Note" in end.reason


# --- a ledger that cannot be written --------------------------------------------------------------


class Refusing:
    """A place that cannot be written, or not be read either."""

    name = "s3://gone"

    def __init__(self, *, reads: bool) -> None:
        self._reads = reads

    def put(self, key: str, content: bytes) -> bool:
        raise TapgenError(f"writing {len(content)} bytes: {key}: AccessDenied", "Ask for it.")

    def get(self, key: str) -> bytes | None:
        raise TapgenError(f"reading {key}: AccessDenied", "Ask for it.")

    def keys(self, prefix: str) -> frozenset[str]:
        if not self._reads:
            raise TapgenError(f"listing {prefix}: AccessDenied", "Ask for it.")
        return frozenset()


@pytest.mark.parametrize("reads", [True, False])
def test_a_run_that_cannot_be_recorded_goes_on_and_says_so(lab: Lab, reads: bool) -> None:
    ledger = Ledger(Refusing(reads=reads), REGION, "lab")
    target = lab.target(data(lab))
    recording, outcomes = recorded(ledger, target)
    assert recording.problem.startswith("this run cannot be recorded in s3://gone: ")
    assert [*outcomes] == ["data"]
    assert tokens(target, "data") == {None}


@pytest.mark.parametrize("reads", [True, False])
def test_it_is_refused_where_the_environment_is_protected(lab: Lab, reads: bool) -> None:
    ledger = Ledger(Refusing(reads=reads), REGION, "lab")
    target = lab.target(data(lab, protected=True))
    with pytest.raises(
        RefusedError, match="lab is protected, and this run cannot be recorded"
    ) as e:
        recorded(ledger, target)
    assert "--no-record --reason TEXT" in e.value.hint
    assert lab.status("data") == "REVIEW_IN_PROGRESS"  # planned, and nothing else


def test_what_is_urgent_is_never_refused(lab: Lab) -> None:
    run = lab.run(data(lab, protected=True))
    ledger = Ledger(Refusing(reads=False), REGION, "lab")
    recording = Recording(run, ledger, About(command="cancel"), urgent=True)
    recording.look()
    recording.begin_layers(["data"])
    assert recording.problem
    assert run.state.release is None


def test_an_end_that_cannot_be_written_is_told_and_left_to_the_next_run(
    lab: Lab, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording, outcomes = recorded(ledger, lab.target(data(lab)), ends=False)
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "put", Refusing(reads=True).put)
        recording.end(outcomes)
    assert "the end of release 1 was not written" in recording.problem
    recorded(ledger, lab.target(data(lab, "two")))
    ended = read(ledger, 1).ended
    assert ended is not None
    assert (ended.outcome, ended.stacks["data"].outcome) == ("succeeded", "Created")
    assert ended.completed_by == f"arn:aws:iam::{lab.account}:root"


# --- ends that are found out afterwards -----------------------------------------------------------


def end_told(ledger: Ledger, target: Target, number: int = 1) -> dict[str, str]:
    """Layer -> outcome of a release that is completed from what AWS tells."""
    ended = complete(ledger, target, read(ledger, number), "arn").ended
    assert ended is not None
    assert read(ledger, number).ended == ended
    return {"": ended.outcome, **{layer: end.outcome for layer, end in ended.stacks.items()}}


def test_a_run_that_was_killed_before_it_began_changed_nothing(lab: Lab, ledger: Ledger) -> None:
    run = lab.run(data(lab))
    recording = Recording(run, ledger, About(command="deploy"))
    recording.look()
    recording.begin_plan(Deployment(run, run.target.graph).plan(Recorder()))
    assert end_told(ledger, run.target) == {"": "broken off", "data": "Skipped"}


def test_a_record_whose_run_was_not_begun_says_so_at_once(lab: Lab, ledger: Ledger) -> None:
    run = lab.run(data(lab))
    recording = Recording(run, ledger, About(command="deploy"))
    recording.look()
    recording.begin_layers(["data"])
    recording.end({})
    recording.end({})  # once is enough
    ended = read(ledger, 1).ended
    assert ended is not None
    assert (ended.outcome, ended.stacks["data"].reason) == ("broken off", NOT_BEGUN)


def test_what_ran_to_its_end_is_found_in_the_events(lab: Lab, ledger: Ledger) -> None:
    recorded(ledger, lab.target(data(lab), zone(lab)))
    target = lab.target(data(lab, "two"), zone(lab))
    recorded(ledger, target, ends=False)
    lab.deploy(data(lab, "three"), zone(lab))  # somebody goes on without a record
    assert end_told(ledger, target, 2) == {"": "succeeded", "data": "Updated", "zone": "Unchanged"}
    (_, second) = (read(ledger, 1), read(ledger, 2))
    assert second.ended is not None
    assert second.ended.stacks["data"].seconds is not None
    assert second.ended.stacks["data"].change_sets == ()  # events do not name them


def test_what_was_rolled_back_failed_with_its_cause(
    lab: Lab, ledger: Ledger, faults: Faults
) -> None:
    recorded(ledger, lab.target(data(lab)))
    faults({"update:Note": "no"})
    target = lab.target(data(lab, "two"))
    recorded(ledger, target, ends=False)
    faults({})
    assert end_told(ledger, target, 2) == {"": "failed", "data": "Failed"}
    ended = read(ledger, 2).ended
    assert ended is not None
    assert "data.Note" in ended.stacks["data"].reason
    assert ended.stacks["data"].status == "UPDATE_ROLLBACK_COMPLETE"
    assert ended.stacks["data"].updated == target.describe("data").updated


def test_while_aws_is_at_work_nobody_says_how_it_ended(
    lab: Lab, ledger: Ledger, faults: Faults
) -> None:
    target = lab.target(data(lab))
    deployment = Deployment(Run.on(target), target.graph)
    plan = deployment.plan(Recorder())
    recording = Recording(deployment.run, ledger, About(command="deploy"))
    recording.look()
    recording.begin_plan(plan)
    faults({"hold": ["Note"]})
    (entry,) = plan.planned
    target.cloudformation(entry.stack).execute(entry.change_set, deployment.run.token)
    assert complete(ledger, target, read(ledger, 1), "arn").ended is None
    assert not disagreements(target, [], whole=True)
    faults({})


def test_what_a_killed_destruction_left_is_told(lab: Lab, ledger: Ledger) -> None:
    recorded(ledger, lab.target(data(lab), zone(lab)))
    destruction = lab.destruction(data(lab), zone(lab))
    recording = Recording(destruction.run, ledger, About(command="destroy"))
    recording.look()
    recording.begin_layers(destruction.layers)
    lab.destroy(data(lab))
    assert end_told(ledger, lab.target(data(lab), zone(lab)), 2) == {
        "": "broken off",
        "data": "Deleted",
        "zone": "Skipped",
    }


def test_a_layer_that_is_gone_from_the_platform_counts_as_not_begun(
    lab: Lab, ledger: Ledger
) -> None:
    recorded(ledger, lab.target(data(lab), zone(lab)), ends=False)
    assert end_told(ledger, lab.target(zone(lab)))["data"] == "Skipped"


def test_while_somebody_is_at_work_a_release_is_left_alone(lab: Lab, ledger: Ledger) -> None:
    target = lab.target(data(lab))
    recorded(ledger, target, ends=False)
    releases = [read(ledger, 1)]
    with locked(Run.on(target), "deploy"):
        assert completed(ledger, target, releases) == releases
    (found,) = completed(ledger, target, releases)
    assert found.ended is not None
    assert completed(ledger, target, [found]) == [found]


def test_who_may_not_write_is_told_all_the_same(
    lab: Lab, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = lab.target(data(lab))
    recorded(ledger, target, ends=False)
    monkeypatch.setattr(Folder, "put", Refusing(reads=True).put)
    found = complete(ledger, target, read(ledger, 1), "arn")
    assert found.ended is not None
    assert read(ledger, 1).ended is None


def test_a_run_with_nothing_to_do_completes_what_a_killed_one_left(
    lab: Lab, ledger: Ledger
) -> None:
    target = lab.target(data(lab))
    recorded(ledger, target, ends=False)
    Recording(Run.on(target), ledger, About(command="deploy")).mend()
    assert read(ledger, 1).ended is not None
    unreadable = Ledger(Refusing(reads=False), REGION, "lab")
    Recording(Run.on(target), unreadable, About(command="deploy")).mend()


# --- where AWS and the ledger do not agree --------------------------------------------------------


def test_what_was_changed_past_the_ledger_is_told(lab: Lab, ledger: Ledger, tmp_path: Path) -> None:
    target = lab.target(data(lab), zone(lab))
    recorded(ledger, target)
    elsewhere = Ledger(Folder(tmp_path / "elsewhere"), REGION, "lab")
    recorded(elsewhere, lab.target(data(lab, "two")))
    lab.destroy(zone(lab))
    updated = target.describe("data").updated[:19]
    assert disagreements(target, [read(ledger, 1)], whole=True) == {
        "data": f"it was changed after release 1, {updated}, by release 1 of another ledger",
        "zone": "release 1 left it deployed, but it does not exist",
    }
    lab.deploy(data(lab, "three"))
    found = disagreements(target, [read(ledger, 1)], whole=True)
    assert found["data"].endswith("by no release")


def test_what_was_deleted_and_is_there_and_what_no_release_has_is_told(
    lab: Lab, ledger: Ledger
) -> None:
    target = lab.target(data(lab), zone(lab))
    recorded(ledger, lab.target(data(lab)))
    destruction = lab.destruction(data(lab))
    recording = Recording(destruction.run, ledger, About(command="destroy"))
    recording.look()
    recording.begin_layers(destruction.layers)
    recording.end(destruction.carry_out(Interrupt()))
    releases = [read(ledger, 2), read(ledger, 1)]
    assert disagreements(target, releases, whole=True) == {}
    lab.deploy(data(lab), zone(lab))
    assert disagreements(target, releases, whole=True) == {
        "data": "release 2 deleted it, but it exists, by no release",
        "zone": "it is deployed, by no release",
    }
    assert "zone" not in disagreements(target, releases, whole=False)


def test_the_time_of_records_is_utc_in_whole_seconds() -> None:
    assert len(now()) == len("2026-03-01T09:30:00Z")
    assert now().endswith("Z")


def test_two_runs_at_once_never_have_one_number(lab: Lab, ledger: Ledger) -> None:
    runs = [lab.run(data(lab)) for _ in range(2)]
    recordings = [Recording(run, ledger, About(command="deploy")) for run in runs]
    for one in recordings:
        one.look()
    for one in recordings:
        one.begin_layers(["data"])
    assert [run.state.release for run in runs] == [1, 2]
    begun: list[Begun] = [read(ledger, number).begun for number in (1, 2)]
    assert begun[0] != replace(begun[1], release=1)  # each says which run it is

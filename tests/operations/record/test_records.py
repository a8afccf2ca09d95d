"""The order in which runs are recorded, on the local AWS, and what that costs."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.ledger.bucket import LedgerBucket
from tapgen.deploy.flow.events import NotNotified, NotRecorded
from tapgen.deploy.flow.host import Recorder
from tapgen.deploy.record.ledger import Ledger
from tapgen.deploy.record.places import Folder, Place
from tapgen.deploy.record.recording import Recording
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.target.lock import holder
from tapgen.deploy.target.run import Run
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import Created, Updated
from tapgen.model.plan import Plan
from tapgen.operations.deployment import ask_and_do, plan_all
from tapgen.operations.record.records import Records
from tests.aws.notices.test_topic import received, subscribed
from tests.deploy.run.test_fleet import data, fleet_of, of, reader
from tests.lab import REGION

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.deploy.run.fleet import Fleet
    from tapgen.deploy.target.target import Target
    from tapgen.model.release import Ended
    from tapgen.model.stack import Stack
    from tests.lab import Lab

    Faults = Callable[[dict[str, Any]], None]

pytestmark = pytest.mark.slow


def records(place: Place, *, record: bool = True, **more: Any) -> Records:
    """Records of a project whose ledger is there."""

    def ledger(target: Target) -> Ledger:
        return Ledger(place, target.home_region, target.environment)

    project: Any = SimpleNamespace(
        record=record, reason="why", folder=Path("/"), ledger=ledger, unapproved=""
    )
    return Records(project, "deploy", **more)


def deploy(
    fleet: Fleet, kept: Records, host: Recorder | None = None, *, first: bool = False
) -> Any:
    host = host or Recorder()
    with fleet.held("deploy", host, look_first=first):
        plan_all(fleet, host)
        return ask_and_do(fleet, host, Interrupt(), kept)


def ended(place: Place, environment: str, number: int = 1) -> Ended | None:
    release = Ledger(place, REGION, environment).read(number)
    assert release is not None
    return release.ended


def test_every_environment_of_a_run_has_a_record_of_its_own(lab: Lab, tmp_path: Path) -> None:
    place = Folder(tmp_path)
    deploy(fleet_of(lab, data(lab, "dev"), data(lab, "qa")), records(place, source="old"))
    for name in ("dev", "qa"):
        end = ended(place, name)
        assert end is not None
        assert end.outcome == "succeeded"
        release = Ledger(place, REGION, name).read(1)
        assert release is not None
        assert (release.begun.source, release.begun.reason) == ("old", "why")


def test_only_those_that_change_something_have_one(lab: Lab, tmp_path: Path) -> None:
    place = Folder(tmp_path)
    deploy(fleet_of(lab, data(lab, "dev")), records(place))
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"))
    deploy(fleet, records(place), first=True)
    assert [*fleet.recordings] == ["qa"]
    assert [*Ledger(place, REGION, "dev").numbers()] == [1]


def test_the_end_is_written_while_the_lock_is_held(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[str | None] = []
    end = Recording.end

    def watched(recording: Recording, outcomes: Any) -> None:
        held.append(holder(recording.run.target))
        end(recording, outcomes)

    monkeypatch.setattr(Recording, "end", watched)
    deploy(fleet_of(lab, data(lab, "dev")), records(Folder(tmp_path)))
    assert held[0] is not None


def test_what_was_skipped_because_of_another_is_recorded_as_that(
    lab: Lab, tmp_path: Path, faults: Faults
) -> None:
    place = Folder(tmp_path)
    faults({"create:Note": "no"})
    deploy(fleet_of(lab, data(lab, "qa"), reader(lab, "dev")), records(place))
    failed, skipped = ended(place, "qa"), ended(place, "dev")
    assert failed is not None
    assert skipped is not None
    assert failed.stacks["data"].outcome == "Failed"
    assert skipped.stacks["api"].outcome == "Skipped"
    assert skipped.stacks["api"].reason == "qa did not succeed"


def test_nobody_begins_where_one_that_is_protected_cannot_be_recorded(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Partly(Folder):
        def put(self, key: str, content: bytes) -> bool:
            if "/qa/" in key:
                raise TapgenError("the disk is full", "Make room.")
            return super().put(key, content)

    place = Partly(tmp_path)
    fleet = fleet_of(lab, data(lab, "dev"), protected(data(lab, "qa")))
    with pytest.raises(RefusedError, match="qa is protected, and this run cannot be recorded"):
        deploy(fleet, records(place))
    end = ended(place, "dev")
    assert end is not None
    assert (end.outcome, end.stacks["data"].outcome) == ("broken off", "Skipped")
    assert {stack["StackStatus"] for stack in stacks(lab)} <= {"REVIEW_IN_PROGRESS"}


def test_one_that_is_not_protected_goes_on_and_is_told_once(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "releases").write_text("in the way")
    host = Recorder()
    done = deploy(fleet_of(lab, data(lab, "dev")), records(Folder(tmp_path)), host)
    assert [*done.outcomes["dev"]] == ["data"]
    (told,) = [event for event in host.events if isinstance(event, NotRecorded)]
    assert told.environment == "dev"


def test_without_records_nothing_is_written(lab: Lab, tmp_path: Path) -> None:
    deploy(fleet_of(lab, data(lab, "dev")), records(Folder(tmp_path), record=False))
    run = lab.run(lab.stack("zone", {"Note": lab.note()}))
    with records(Folder(tmp_path), record=False).kept(run, ["zone"]) as kept:
        kept.outcomes["zone"] = Updated()
    assert kept.release is None
    assert [*tmp_path.iterdir()] == []


def test_what_is_broken_off_is_left_to_the_next_run(lab: Lab, tmp_path: Path) -> None:
    place = Folder(tmp_path)
    run = lab.run(lab.stack("zone", {"Note": lab.note()}))
    with pytest.raises(KeyboardInterrupt), records(place).kept(run, ["zone"]):
        raise KeyboardInterrupt
    assert ended(place, "lab") is None
    with records(place).kept(lab.run(*run.target.stacks.values()), ["zone"]) as kept:
        kept.outcomes["zone"] = Updated()
    assert kept.release == 2
    first, second = ended(place, "lab"), ended(place, "lab", 2)
    assert first is not None
    assert second is not None
    assert (first.outcome, second.outcome) == ("broken off", "succeeded")


def test_a_run_that_takes_over_and_has_nothing_to_do_completes_the_record(
    lab: Lab, tmp_path: Path
) -> None:
    place = Folder(tmp_path)
    fleet = fleet_of(lab, data(lab, "dev"))
    deploy(fleet, records(place))
    (tmp_path / "releases" / REGION / "dev" / "000001-ended.json").unlink()
    again = fleet_of(lab, data(lab, "dev"))
    host = Recorder()
    with again.held("deploy", host, look_first=True):
        again.taken_over.add("dev")
        plan_all(again, host)
        assert records(place).look(again, host) == {}
    end = ended(place, "dev")
    assert end is not None
    assert end.outcome == "succeeded"


def test_a_record_costs_few_calls_and_none_where_nothing_is_to_do(lab: Lab) -> None:
    name = f"ledger-{lab.account}"
    lab.client("s3").create_bucket(Bucket=name)

    def calls(value: str) -> Counter[str]:
        fleet = fleet_of(lab, data(lab, "dev", value), zone(lab))
        (target,) = fleet.targets
        counted: Counter[str] = Counter()
        client = target.account.client("s3", REGION)
        client.meta.events.register(
            "before-call.s3", lambda model, **_: counted.update([model.name])
        )
        place = LedgerBucket(target.account, REGION, name)
        deploy(fleet, records(place), first=True)
        del counted["ListBuckets"]  # the guard of regions
        return counted

    # The beginning, the end, and a template for each of two stacks.
    assert calls("one") == {"ListObjectsV2": 1, "PutObject": 4}
    assert calls("two") == {"ListObjectsV2": 1, "GetObject": 2, "PutObject": 2}
    assert calls("two") == {}


# --- who is told ----------------------------------------------------------------------------------


def notified(lab: Lab, fleet: Fleet) -> str:
    """Let the environments of a fleet tell a topic; gives the URL of a queue that hears it."""
    topic, queue = subscribed(lab)
    for one in fleet.deployments.values():
        options = replace(one.run.target.options, notify=topic.arn)
        one.run = replace(one.run, target=replace(one.run.target, options=options))
    return queue


def heard(lab: Lab, queue: str) -> dict[str, list[dict[str, Any]]]:
    """Environment -> the notices that have arrived, in their order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in sorted(received(lab, queue), key=lambda one: str(one["Timestamp"])):
        notice = json.loads(one["Message"])
        found.setdefault(notice["environment"], []).append(notice)
    return found


@pytest.mark.parametrize("record", [True, False])
def test_others_are_told_of_every_environment_with_or_without_a_record(
    lab: Lab, tmp_path: Path, record: bool
) -> None:
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"))
    queue = notified(lab, fleet)
    deploy(fleet, records(Folder(tmp_path), record=record))
    told = heard(lab, queue)
    assert {name: {one["event"] for one in each} for name, each in told.items()} == {
        "dev": {"begun", "done"},
        "qa": {"begun", "done"},
    }
    release = 1 if record else None
    assert {one["release"] for each in told.values() for one in each} == {release}
    deploy(fleet_of(lab, data(lab, "dev")), records(Folder(tmp_path)), first=True)
    assert heard(lab, queue) == {}  # nothing was to do


def test_others_are_told_of_environments_that_say_whom(lab: Lab, tmp_path: Path) -> None:
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"))
    queue = notified(lab, fleet)
    quiet = fleet.deployments["qa"]
    options = replace(quiet.run.target.options, notify=None)
    quiet.run = replace(quiet.run, target=replace(quiet.run.target, options=options))
    deploy(fleet, records(Folder(tmp_path)))
    assert [*fleet.tellers] == [*heard(lab, queue)] == ["dev"]


def test_others_are_told_what_failed_and_what_was_skipped_because_of_it(
    lab: Lab, tmp_path: Path, faults: Faults
) -> None:
    faults({"create:Note": "no"})
    fleet = fleet_of(lab, data(lab, "qa"), reader(lab, "dev"))
    queue = notified(lab, fleet)
    deploy(fleet, records(Folder(tmp_path)))
    told = heard(lab, queue)
    ends = {name: next(one for one in each if one["stacks"]) for name, each in told.items()}
    assert {one["event"] for one in ends.values()} == {"failed"}
    assert "data.Note" in ends["qa"]["stacks"]["data"]["reason"]
    assert "`tapgen " in ends["qa"]["stacks"]["data"]["next"]
    assert ends["dev"]["stacks"]["api"]["reason"] == "qa did not succeed"


def test_what_is_done_to_layers_is_told_too(lab: Lab, tmp_path: Path) -> None:
    topic, queue = subscribed(lab)
    run = Run.on(lab.target(lab.stack("zone", {"Note": lab.note()}), notify=topic.arn), Recorder())
    with records(Folder(tmp_path)).kept(run, ["zone"]) as kept:
        kept.outcomes["zone"] = Updated()
    with (
        pytest.raises(KeyboardInterrupt),
        records(Folder(tmp_path), record=False).kept(run, ["zone"]),
    ):
        raise KeyboardInterrupt
    first, second, third, fourth = heard(lab, queue)["lab"]
    assert {first["event"], second["event"]} == {"begun", "done"}
    assert {third["event"], fourth["event"]} == {"begun", "broken-off"}


def test_that_a_plan_takes_approvals_is_told(lab: Lab, tmp_path: Path) -> None:
    topic, queue = subscribed(lab)
    run = Run.on(lab.target(lab.stack("zone", {"Note": lab.note()}), notify=topic.arn), Recorder())
    plan = Plan("lab", {})
    records(Folder(tmp_path), plan_digest="abc").want_approval(run, plan, 2, "tapgen approve p")
    ((told,),) = heard(lab, queue).values()
    assert (told["event"], told["approvals"], told["plan_digest"]) == ("approval-wanted", 2, "abc")


def test_who_cannot_be_told_fails_nothing(lab: Lab, tmp_path: Path) -> None:
    fleet = fleet_of(lab, data(lab, "dev"))
    notified(lab, fleet)
    (topic,) = lab.client("sns").list_topics()["Topics"]
    lab.client("sns").delete_topic(TopicArn=topic["TopicArn"])
    host = Recorder()
    done = deploy(fleet, records(Folder(tmp_path)), host)
    assert [type(one) for one in done.outcomes["dev"].values()] == [Created]
    (told,) = [event for event in host.events if isinstance(event, NotNotified)]
    assert told.text.startswith(
        "no notice was sent that the run has begun and is done: publishing to"
    )


def zone(lab: Lab) -> Stack:
    return of("dev", lab.stack("zone", {"Zone": lab.note(), "More": lab.note()}))


def protected(stack: Stack) -> Stack:
    return replace(stack, protected=True)


def stacks(lab: Lab) -> list[Any]:
    return list(lab.client("cloudformation").describe_stacks()["Stacks"])


def test_what_is_done_to_a_plan_outside_a_deployment_is_recorded_with_the_plan(
    lab: Lab, tmp_path: Path
) -> None:
    place = Folder(tmp_path)
    fleet = fleet_of(lab, data(lab, "dev"))
    with fleet.held("drift --repair", Recorder(), look_first=False):
        fleet.plan(Recorder())
        run = fleet.deployments["dev"].run
        with records(place).kept(run, fleet.plans["dev"]) as kept:
            kept.outcomes["data"] = Updated()
        fleet.discard()
    release = Ledger(place, REGION, "dev").read(1)
    assert release is not None
    assert [one["action"] for one in release.begun.stacks["data"]["changes"]] == ["Add"]
    assert release.ended is not None
    assert release.ended.outcome == "succeeded"

"""Settings that are outputs of another environment, in two accounts of the local AWS."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.account import Connection
from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.observe.inspection import states
from tapgen.deploy.observe.verify import verify_stacks
from tapgen.deploy.plan import plan_files
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.step import Choices
from tapgen.deploy.target.run import Run
from tapgen.errors import RefusedError
from tapgen.model.changes.causes import in_words
from tapgen.model.deployed.events import Created, Failed, Skipped, Unchanged, Updated, succeeded
from tapgen.model.layer import OutputRef
from tapgen.model.plan import Blocked, NoChange, Pending, Planned, ReadValue
from tapgen.model.stack import Stack
from tapgen.model.templates.template import Template
from tests.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tapgen.deploy.target.target import Target
    from tapgen.local.client import LocalAws
    from tapgen.model.plan import Plan

ELSEWHERE = OutputRef("zone", "Id", environment="far")


@pytest.fixture
def far(local_aws: LocalAws, lab: Lab) -> Lab:
    """A second account; its environment is called `far`."""
    return Lab(local_aws, str(int(lab.account) + 100_000))


def producer(far: Lab, value: str = "one") -> Stack:
    stack = far.stack(
        "zone", {"Note": far.note(value)}, outputs={"Id": {"Fn::GetAtt": "Note.Value"}}
    )
    return replace(stack, environment="far", tags={**stack.tags, "Environment": "far"})


def consumer(lab: Lab, **declared: Any) -> Stack:
    """A stack with a parameter that the other environment's output fills."""
    stack = lab.stack(
        "api",
        {"Note": lab.note({"Ref": "Topic"})},
        outputs={"Note": {"Ref": "Note"}},
        inputs={"Topic": ELSEWHERE},
        settings={"Topic": "alarms.topic"},
    )
    document = stack.template.document
    document["Parameters"]["Topic"] |= declared
    return replace(stack, template=Template("api", json.dumps(document)))


def follower(lab: Lab) -> Stack:
    return lab.stack(
        "dns", {"Note": lab.note({"Ref": "Note"})}, inputs={"Note": OutputRef("api", "Note")}
    )


def target(lab: Lab, far: Lab, *stacks: Stack) -> Target:
    other = far.target(producer(far))
    return replace(lab.target(*stacks), open_other=lambda _: other)


def deployment(lab: Lab, far: Lab, *stacks: Stack, **choices: Any) -> Deployment:
    near = target(lab, far, *stacks)
    return Deployment(Run.on(near), near.graph, Choices(**choices))


def carried_out(deployment: Deployment, plan: Plan) -> dict[str, Any]:
    return {**deployment.carry_out(plan, SILENT)}


def deployed(far: Lab, value: str = "one") -> None:
    assert list(map(succeeded, far.deploy(producer(far, value)).outcomes.values())) == [True]


def test_it_waits_for_the_other_environment(lab: Lab, far: Lab) -> None:
    work = deployment(lab, far, consumer(lab), follower(lab))
    plan = lab.plan(work)
    assert plan.entries["api"] == Pending(work.run.target.stacks["api"], (ELSEWHERE,))
    outcomes = carried_out(work, plan)
    failed = outcomes["api"]
    assert isinstance(failed, Failed)
    assert failed.reason == "api needs far.zone.Id, which is not deployed"
    assert failed.hint == (
        "First `tapgen deploy --env far --layer zone --local`, "
        "then `tapgen deploy --env lab --local`."
    )
    assert outcomes["dns"] == Skipped("api failed")
    assert lab.status("api") == "ABSENT"


def test_what_is_missing_here_and_there_is_told_together(lab: Lab, far: Lab) -> None:
    stack = consumer(lab)
    stack = replace(stack, inputs={**stack.inputs, "More": OutputRef("data", "Key")})
    work = deployment(lab, far, stack, lab.stack("data", {"Note": lab.note()}))
    work.graph = work.run.target.part(["api"])
    outcome = carried_out(work, lab.plan(work))["api"]
    assert outcome.reason == "api needs far.zone.Id, data.Key, which is not deployed"
    assert outcome.hint == (
        "First `tapgen deploy --env far --layer zone --local`, "
        "then `tapgen deploy --env lab --local`."
    )


def test_the_value_comes_from_the_other_account(lab: Lab, far: Lab) -> None:
    deployed(far)
    work = deployment(lab, far, consumer(lab))
    plan = lab.plan(work)
    entry = plan.entries["api"]
    assert isinstance(entry, Planned)
    assert entry.parameters == {"Topic": "one"}
    assert entry.read_values == (ReadValue("alarms.topic", ELSEWHERE, "one"),)
    assert isinstance(carried_out(work, plan)["api"], Created)
    assert lab.client("cloudformation").describe_stacks()["Stacks"][0]["Parameters"] == [
        {"ParameterKey": "Topic", "ParameterValue": "one"}
    ]
    again = deployment(lab, far, consumer(lab))
    plan = lab.plan(again)
    assert isinstance(plan.entries["api"], NoChange)
    assert isinstance(carried_out(again, plan)["api"], Unchanged)

    deployed(far, "two")
    again = deployment(lab, far, consumer(lab))
    plan = lab.plan(again)
    entry = plan.entries["api"]
    assert isinstance(entry, Planned)
    (change,) = entry.change_set.changes
    assert in_words(entry.stack, change.details, [change]) == ("far.zone.Id changed",)
    assert isinstance(carried_out(again, plan)["api"], Updated)


def test_a_value_that_changed_since_the_plan_is_taken_anew(lab: Lab, far: Lab) -> None:
    deployed(far)
    work = deployment(lab, far, consumer(lab))
    plan = lab.plan(work)
    deployed(far, "two")
    assert isinstance(carried_out(work, plan)["api"], Created)
    (stack,) = lab.client("cloudformation").describe_stacks()["Stacks"]
    assert stack["Parameters"][0]["ParameterValue"] == "two"


def test_a_value_that_does_not_fit_is_refused_with_its_setting(lab: Lab, far: Lab) -> None:
    deployed(far)
    work = deployment(lab, far, consumer(lab, AllowedPattern="^Z[0-9]+$"))
    entry = lab.plan(work).entries["api"]
    assert isinstance(entry, Blocked)
    assert entry.reason == ("alarms.topic: far.zone.Id is 'one', which does not match ^Z[0-9]+$")
    assert entry.hint == "Correct them in AWS or in the settings; then run the command again."
    assert lab.status("api") == "ABSENT"


def test_credentials_of_the_wrong_account_are_refused_before_anything(
    lab: Lab, far: Lab, local_aws: LocalAws
) -> None:
    other = far.target(producer(far))
    other.account.connection = Connection(endpoint_url=local_aws.endpoint_url)
    near = replace(lab.target(consumer(lab), follower(lab)), open_other=lambda _: other)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ACCESS_KEY_ID", lab.account)
        patched.setenv("AWS_SECRET_ACCESS_KEY", "local")
        with pytest.raises(RefusedError, match=r"^far: these credentials belong to") as refused:
            Deployment(Run.on(near), near.graph).plan(SILENT)
    assert refused.value.hint == (
        "--profile 'NAME-{env}' names one for each environment, lab and far."
    )
    # Whoever deploys a layer that reads nothing there needs no such credentials.
    near.verify_others(near.part(["dns"]))


def test_nobody_else_is_asked_where_nothing_is_read(lab: Lab) -> None:
    with pytest.raises(RuntimeError, match="open_other is missing"):
        lab.target(follower(lab)).other("far")


# --- plan files -----------------------------------------------------------------------------------


def kept(lab: Lab, far: Lab, path: Path) -> None:
    work = deployment(lab, far, consumer(lab), mark="-kept")
    plan_files.save(lab.plan(work), path, work.run.target)


def opened(lab: Lab, far: Lab, path: Path) -> Any:
    return plan_files.reviewed_plan(
        plan_files.load(path), target(lab, far, consumer(lab)), "plan.json"
    )


def faults_of(lab: Lab, far: Lab, path: Path) -> Iterable[str]:
    with pytest.raises(RefusedError) as refused:
        opened(lab, far, path)
    assert refused.value.exit_code == 4
    return refused.value.message.splitlines()[1:]


def test_a_reviewed_value_has_to_stay(lab: Lab, far: Lab, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    deployed(far)
    kept(lab, far, path)
    record = json.loads(path.read_text())["stacks"]["api"]
    assert record["read"] == [{"setting": "alarms.topic", "from": "far.zone.Id", "value": "one"}]
    assert record["stack"]["inputs"] == {"Topic": "far.zone.Id"}
    deployed(far, "two")
    assert faults_of(lab, far, path) == ["  api: far.zone.Id was one, is two"]
    far.destroy(producer(far, "two"))
    assert faults_of(lab, far, path) == ["  api: far.zone.Id was one, is not deployed"]
    deployed(far)
    work = deployment(lab, far, consumer(lab), strict=True)
    assert isinstance(carried_out(work, opened(lab, far, path))["api"], Created)

    kept(lab, far, path)
    assert json.loads(path.read_text())["stacks"]["api"]["kind"] == "Same"
    assert isinstance(opened(lab, far, path).entries["api"], NoChange)
    deployed(far, "two")
    assert faults_of(lab, far, path) == ["  api: far.zone.Id was one, is two"]


def test_a_value_that_changes_during_a_reviewed_run_is_refused(
    lab: Lab, far: Lab, tmp_path: Path
) -> None:
    path = tmp_path / "plan.json"
    deployed(far)
    kept(lab, far, path)
    plan = opened(lab, far, path)
    deployed(far, "two")
    outcome = carried_out(deployment(lab, far, consumer(lab), strict=True), plan)["api"]
    assert isinstance(outcome, Failed)
    assert outcome.refused
    assert outcome.reason == "values for api have changed since the review: far.zone.Id"


def test_a_pending_layer_stays_pending_in_the_file(lab: Lab, far: Lab, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    kept(lab, far, path)
    assert json.loads(path.read_text())["stacks"]["api"]["needs"] == ["far.zone.Id"]
    deployed(far)
    plan = opened(lab, far, path)
    assert plan.entries["api"].needs == (ELSEWHERE,)
    work = deployment(lab, far, consumer(lab), strict=True)
    assert isinstance(carried_out(work, plan)["api"], Created)


# --- looking back ---------------------------------------------------------------------------------


def test_what_is_deployed_is_verified_with_the_value_of_now(lab: Lab, far: Lab) -> None:
    deployed(far)
    work = deployment(lab, far, consumer(lab))
    carried_out(work, lab.plan(work))

    def checks() -> dict[str, bool | None]:
        near = target(lab, far, consumer(lab))
        return {check.property: check.ok for check in verify_stacks(near)}

    assert checks()["Parameters/Topic"] is True
    deployed(far, "two")
    assert checks()["Parameters/Topic"] is False


def test_reading_another_environment_twice_opens_it_once(lab: Lab, far: Lab) -> None:
    opened_names: list[str] = []

    def open_(name: str) -> Target:
        opened_names.append(name)
        return far.target(producer(far))

    near = replace(lab.target(consumer(lab)), open_other=open_)
    assert near.outputs("far.zone") is None
    deployed(far)
    assert near.outputs("far.zone") == {"Id": "one"}
    assert opened_names == ["far"]
    assert states(near, ["api"])["api"].status == "ABSENT"

"""Plan files against the local AWS: exactly what was reviewed is carried out, or nothing."""

from __future__ import annotations

import dataclasses
import json
import resource
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.cloudformation.descriptions import Description
from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.plan import plan_files
from tapgen.deploy.plan.plan_file import digest
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.changes.change import Change
from tapgen.model.deployed.events import Created, Unchanged, Updated
from tapgen.model.layer import OutputRef
from tapgen.model.plan import Blocked, NoChange, Plan, Planned

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tests.lab import Lab


def note(lab: Lab, value: str = "one", **more: Any) -> Stack:
    """A stack with a parameter of its own, an input, a default and a secret."""
    return lab.stack(
        "data",
        {"Note": lab.note({"Ref": "Value"}), "Other": lab.note({"Fn::Sub": "${Pin}${Size}"})},
        parameters={"Value": value, "Pin": "open sesame"},
        defaults={"Size": "5"},
        **more,
    )


def secretive(stack: Stack) -> Stack:
    """The stack with its parameter `Pin` declared as a secret."""
    document = stack.template.document
    parameters = {**document["Parameters"], "Pin": {"Type": "String", "NoEcho": True}}
    text = json.dumps({**document, "Parameters": parameters})
    return dataclasses.replace(stack, template=dataclasses.replace(stack.template, text=text))


def kept(lab: Lab, path: Path, *stacks: Stack) -> Plan:
    """Plan the stacks, and write the plan to `path`."""
    deployment = lab.deployment(*stacks, mark="-kept")
    plan = lab.plan(deployment)
    plan_files.save(plan, path, deployment.run.target)
    return plan


def opened(lab: Lab, path: Path, *stacks: Stack) -> Plan:
    return plan_files.reviewed_plan(plan_files.load(path), lab.target(*stacks), "plan.json")


def carried_out(lab: Lab, plan: Plan, *stacks: Stack) -> dict[str, Any]:
    deployment = lab.deployment(*stacks, strict=True)
    deployment.carry_out(plan, SILENT)
    return deployment.outcomes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plan.json"


def test_a_plan_outlives_the_run_and_is_carried_out_as_it_was(lab: Lab, path: Path) -> None:
    stacks = [
        lab.stack("network", {"A": lab.note()}, outputs={"Name": {"Ref": "A"}}),
        secretive(note(lab)),
        lab.stack(
            "api", {"B": lab.note({"Ref": "Name"})}, inputs={"Name": OutputRef("network", "Name")}
        ),
    ]
    lab.deploy(stacks[0])
    plan = kept(lab, path, *stacks)
    assert "open sesame" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = opened(lab, path, *stacks)
    assert {layer: type(entry) for layer, entry in again.entries.items()} == {
        "network": NoChange,
        "data": Planned,
        "api": Planned,
    }
    data, same = again.entries["data"], plan.entries["data"]
    assert isinstance(data, Planned)
    assert isinstance(same, Planned)
    assert (data.parameters, data.change_set) == (same.parameters, same.change_set)
    outcomes = carried_out(lab, again, *stacks)
    kinds = {layer: type(outcome) for layer, outcome in outcomes.items()}
    assert kinds == {"network": Unchanged, "data": Created, "api": Created}


def test_a_reviewed_creation_ends_with_protection(lab: Lab, path: Path) -> None:
    stack = lab.guarded()
    kept(lab, path, stack)
    assert isinstance(carried_out(lab, opened(lab, path, stack), stack)["data"], Created)
    table = lab.client("dynamodb").describe_table(TableName="lab-data")["Table"]
    assert table["DeletionProtectionEnabled"]


def test_an_update_says_what_was_and_what_will_be(lab: Lab, path: Path) -> None:
    lab.deploy(secretive(note(lab)))
    stack = secretive(note(lab, "two"))
    kept(lab, path, stack)
    # Another run, with change sets of its own, leaves the reviewed ones alone.
    other = lab.deployment(stack)
    other.discard(lab.plan(other))
    (change,) = json.loads(path.read_text())["stacks"]["data"]["changes"]
    valued = [detail for detail in change["details"] if detail["after"] is not None]
    assert [(d["path"], d["before"], d["after"], d["because"]) for d in valued] == [
        ("/Properties/Value", "one", "two", ["parameter Value changed"])
    ]
    outcome = carried_out(lab, opened(lab, path, stack), stack)["data"]
    assert isinstance(outcome, Updated)
    parameters = lab.client("ssm").describe_parameters()["Parameters"]
    values = {
        lab.client("ssm").get_parameter(Name=p["Name"])["Parameter"]["Value"] for p in parameters
    }
    assert "two" in values


def test_a_plan_is_carried_out_once(lab: Lab, path: Path) -> None:
    stack = note(lab)
    kept(lab, path, stack)
    carried_out(lab, opened(lab, path, stack), stack)
    with pytest.raises(RefusedError, match="data: its change set was already executed"):
        opened(lab, path, stack)


def test_a_change_set_that_is_gone(lab: Lab, path: Path) -> None:
    stack = note(lab)
    plan = kept(lab, path, stack)
    deployment = lab.deployment(stack)
    deployment.discard(plan)
    with pytest.raises(RefusedError) as raised:
        opened(lab, path, stack)
    assert raised.value.message == (
        "plan.json is no longer valid:\n"
        "  data: its change set no longer exists: executed, replaced or deleted"
    )


def test_a_stack_that_was_changed_since(lab: Lab, path: Path) -> None:
    stack = note(lab)
    lab.deploy(stack)
    kept(lab, path, stack)
    lab.deploy(note(lab, "two"))
    with pytest.raises(RefusedError, match="the stack has changed since; it is in UPDATE_COMPLETE"):
        opened(lab, path, stack)


def test_what_renders_differently_is_refused_before_aws_is_asked(lab: Lab, path: Path) -> None:
    kept(lab, path, note(lab))
    with pytest.raises(RefusedError, match="parameters/Value was one, is two"):
        opened(lab, path, note(lab, "two"))


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"execution": "OBSOLETE"}, "is obsolete: the stack has changed since"),
        ({"execution": "EXECUTE_FAILED"}, "was already executed, and failed"),
        ({"execution": "EXECUTE_IN_PROGRESS"}, "is being executed"),
        ({"execution": "UNAVAILABLE"}, "is UNAVAILABLE"),
        ({"stack_id": "arn:other"}, "is for arn:other"),
        (
            {"parameters": {"Value": "no", "Pin": "****", "Size": "5"}},
            "has another value of the parameter Value",
        ),
        (
            {"parameters": {"Value": "one", "Pin": "open sesame", "Size": "6"}},
            "has another value of the parameter Size",
        ),
        ({"tags": {}}, "has other tags"),
        ({"changes": (Change("Remove", "Note", "AWS::SSM::Parameter"),)}, "makes other changes"),
    ],
)
def test_what_aws_would_execute_is_compared(
    lab: Lab, path: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any], fault: str
) -> None:
    stack = note(lab)
    kept(lab, path, stack)
    target = lab.target(stack)
    cloudformation = target.cloudformation(stack)
    real = cloudformation.change_set

    def other(arn: str) -> Description | None:
        found = real(arn)
        return found and dataclasses.replace(found, **changed)

    monkeypatch.setattr(cloudformation, "change_set", other)
    with pytest.raises(RefusedError) as raised:
        plan_files.reviewed_plan(plan_files.load(path), target, "plan.json")
    assert raised.value.message == f"plan.json is no longer valid:\n  data: its change set {fault}"


@pytest.mark.parametrize("text", ['{"Resources": {}}', "Resources: {}"])
def test_the_template_of_the_change_set_is_compared(
    lab: Lab, path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    stack = note(lab)
    kept(lab, path, stack)
    target = lab.target(stack)
    monkeypatch.setattr(target.cloudformation(stack), "template", lambda *_: text)
    with pytest.raises(RefusedError, match="its change set has another template"):
        plan_files.reviewed_plan(plan_files.load(path), target, "plan.json")


def test_a_change_set_somewhere_else_is_refused(lab: Lab, path: Path) -> None:
    stack = note(lab)
    kept(lab, path, stack)
    document = json.loads(path.read_text())
    record = document["stacks"]["data"]
    record["change_set"] = record["change_set"].replace("us-east-1", "eu-west-1")
    path.write_text(json.dumps({**document, "digest": digest(document)}))
    with pytest.raises(
        RefusedError, match=f"eu-west-1.* is not in account {lab.account}, us-east-1"
    ):
        opened(lab, path, stack)


def test_secret_inputs_are_taken_from_aws(lab: Lab, path: Path) -> None:
    network = lab.stack("network", {"A": lab.note()}, outputs={"Pin": "sesame too"})
    taker = secretive(
        lab.stack(
            "data", {"B": lab.note({"Ref": "Pin"})}, inputs={"Pin": OutputRef("network", "Pin")}
        )
    )
    lab.deploy(network)
    kept(lab, path, network, taker)
    assert "sesame too" not in path.read_text()
    entry = opened(lab, path, network, taker).entries["data"]
    assert isinstance(entry, Planned)
    assert entry.parameters == {"Pin": "sesame too"}


def test_a_full_disk_leaves_nothing_half_written(lab: Lab, path: Path) -> None:
    deployment = lab.deployment(note(lab))
    plan = lab.plan(deployment)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        with pytest.raises(TapgenError, match="cannot write"):
            plan_files.save(plan, path, deployment.run.target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(path.parent.iterdir()) == []
    deployment.discard(plan)


def test_what_cannot_be_carried_out_anyway_is_not_compared(lab: Lab, path: Path) -> None:
    stuck = Blocked(note(lab), "UPDATE_FAILED", "it is stuck", "recover")
    plan_files.save(Plan("lab", {"data": stuck}), path, lab.target(note(lab)))
    assert opened(lab, path, note(lab)).entries == {"data": stuck}


def test_a_plan_that_is_discarded_leaves_nothing(lab: Lab, path: Path) -> None:
    stack = note(lab)
    kept(lab, path, stack)
    assert lab.status("data") == "REVIEW_IN_PROGRESS"
    assert plan_files.discard(plan_files.load(path), lab.target(stack), path) == 1
    assert lab.status("data") == "ABSENT"
    assert not path.exists()


# --- a file in the place of another ---------------------------------------------------------------


def test_where_there_is_no_file_nothing_is_replaced(lab: Lab, path: Path) -> None:
    assert plan_files.replaced(lab.target(note(lab)), path) is None


def test_a_plan_of_this_environment_may_be_replaced(lab: Lab, path: Path) -> None:
    kept(lab, path, note(lab))
    target = lab.target(note(lab))
    earlier = plan_files.replaced(target, path)
    assert earlier is not None
    assert (earlier.environment, earlier.layers) == ("lab", ("data",))
    assert plan_files.discard_change_sets(earlier, target) == 1
    assert lab.status("data") == "ABSENT"
    assert path.exists()


@pytest.mark.parametrize(
    ("written", "environment", "why"),
    [
        ("my notes", "lab", "plan.json is not a plan file"),
        ("", "other", "plan.json is a plan for the environment lab, not for other"),
    ],
)
def test_what_is_none_of_its_plans_stays(
    lab: Lab, path: Path, written: str, environment: str, why: str
) -> None:
    kept(lab, path, note(lab))
    text = path.read_text()
    path.write_text(written or text)
    target = lab.target(dataclasses.replace(note(lab), environment=environment))
    with pytest.raises(RefusedError) as refused:
        plan_files.replaced(target, path)
    assert refused.value.message == f"{path.parent}/{why}, so it is not overwritten"
    assert "Name another file with --out" in refused.value.hint
    assert path.read_text() == (written or text)

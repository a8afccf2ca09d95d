"""Protected environments stay in their region, and stacks with their environment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.guards.region_guard import refuse_other_owner, refuse_other_region
from tapgen.deploy.rescue.cancel import Cancellation
from tapgen.deploy.rescue.recover import Recovery
from tapgen.errors import RefusedError
from tapgen.model.layer import outputs_of
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target
    from tapgen.model.stack import Stack
    from tests.lab import Lab


def storage(lab: Lab, region: str, *, protected: bool = True, name: str = "") -> Stack:
    bucket = {
        "Type": "AWS::S3::Bucket",
        "Properties": {"BucketName": {"Fn::Sub": name or f"p{lab.account}-${{AWS::Region}}"}},
    }
    resources = {"Artifacts": bucket, "Note": lab.note()}
    return lab.stack("storage", resources, region=region, protected=protected)


def refused(target: Target) -> bool:
    try:
        refuse_other_region(target)
    except RefusedError:
        return True
    return False


def test_another_region_is_refused_and_the_own_one_is_not(lab: Lab) -> None:
    home = storage(lab, "eu-west-1")
    lab.deploy(home)
    lab.plan(lab.deployment(home))
    with pytest.raises(RefusedError) as raised:
        lab.plan(lab.deployment(storage(lab, "eu-central-1")))
    assert raised.value.message == (
        f"lab lives in eu-west-1 (bucket p{lab.account}-eu-west-1), but its settings say "
        "eu-central-1: deploying would make a second, empty environment there"
    )
    assert "Write `region: eu-west-1` again." in raised.value.hint


def test_it_is_asked_only_where_it_can_be_told(lab: Lab) -> None:
    lab.deploy(storage(lab, "eu-west-1"))
    assert refused(lab.target(storage(lab, "eu-central-1")))
    assert not refused(lab.target(storage(lab, "eu-central-1", protected=False)))
    assert not refused(lab.target(storage(lab, "eu-central-1", name="anywhere")))
    assert not refused(lab.target(lab.stack("network", {"Note": lab.note()}, protected=True)))


def test_buckets_that_only_look_alike_do_no_harm(lab: Lab) -> None:
    lab.client("s3").create_bucket(Bucket=f"p{lab.account}-backup")
    assert not refused(lab.target(storage(lab, "eu-central-1")))


def test_a_stack_of_another_environment_is_left_alone(lab: Lab) -> None:
    ours = lab.stack("network", {"Note": lab.note()})
    lab.deploy(replace(ours, tags={"Environment": "theirs"}))
    with pytest.raises(RefusedError) as raised:
        lab.plan(lab.deployment(ours))
    assert raised.value.message == (
        "stack lab-network in us-east-1 belongs to the environment theirs, not to lab"
    )
    assert "another stack_prefix" in raised.value.hint


@pytest.mark.parametrize(
    "tags", [{}, {"Layer": "network"}, {"Environment": "lab", "Layer": "another"}], ids=str
)
def test_a_stack_that_does_not_say_whose_it_is_is_left_alone(
    lab: Lab, tags: dict[str, str]
) -> None:
    ours = lab.stack("network", {"Note": lab.note()}, outputs={"Id": "x"})
    lab.deploy(replace(ours, tags=tags))
    api = lab.stack("api", {"Note": lab.note()}, inputs=outputs_of("network", "Id"))
    # Not as what is deployed, nor as what others take from, nor as what is destroyed or helped.
    for refused in (
        lambda: lab.plan(lab.deployment(ours)),
        lambda: lab.plan(replace(lab.deployment(ours, api), graph={"api": frozenset()})),
        lambda: lab.destroy(ours),
    ):
        with pytest.raises(RefusedError, match="lab-network in us-east-1 is not known to be that"):
            refused()
    assert lab.status("network") == "CREATE_COMPLETE"
    assert lab.status("api") == "ABSENT"


def test_somebody_elses_stack_is_neither_stopped_nor_recovered(lab: Lab, faults: Any) -> None:
    ours = lab.stack("network", {"Note": lab.note()})
    run = lab.run(ours)
    faults({"hold": ["Note"]})
    text = ours.template.text
    lab.client("cloudformation").create_stack(StackName=ours.name, TemplateBody=text)
    wait_until(lambda: lab.status("network") == "CREATE_IN_PROGRESS")
    with pytest.raises(RefusedError, match="does not have the tags Environment=lab, Layer=network"):
        Cancellation(run, run.target.graph).look()
    faults({"delete:Note": "no"})
    wait_until(lambda: lab.status("network") == "CREATE_COMPLETE")
    lab.client("cloudformation").delete_stack(StackName=ours.name)
    wait_until(lambda: lab.status("network") == "DELETE_FAILED")
    with pytest.raises(RefusedError, match="does not have the tags"):
        Recovery(run, run.target.graph).look()


def test_a_shell_that_does_not_say_whose_it_is_holds_nothing(lab: Lab) -> None:
    ours = lab.stack("network", {"Note": lab.note()})
    refuse_other_owner(ours, StackState(ours.name, "REVIEW_IN_PROGRESS"))
    refuse_other_owner(ours, StackState(ours.name, "ROLLBACK_COMPLETE"))
    refuse_other_owner(ours, StackState(ours.name, "IMPORT_COMPLETE"))
    refuse_other_owner(ours, StackState(ours.name))
    with pytest.raises(RefusedError):
        refuse_other_owner(ours, StackState(ours.name, "CREATE_COMPLETE"))
    with pytest.raises(RefusedError):
        refuse_other_owner(
            ours, StackState(ours.name, "REVIEW_IN_PROGRESS", tags={"Environment": "x"})
        )

"""Protected environments stay in their region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.deploy.guards.region_guard import refuse_other_region
from tapgen.errors import RefusedError

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
        f"lab already exists in eu-west-1 (bucket p{lab.account}-eu-west-1), but its settings say "
        "eu-central-1: deploying would create a second, empty environment there"
    )
    assert "Set `region: eu-west-1` again." in raised.value.hint


def test_it_is_asked_only_where_it_can_be_told(lab: Lab) -> None:
    lab.deploy(storage(lab, "eu-west-1"))
    assert refused(lab.target(storage(lab, "eu-central-1")))
    assert not refused(lab.target(storage(lab, "eu-central-1", protected=False)))
    assert not refused(lab.target(storage(lab, "eu-central-1", name="anywhere")))
    assert not refused(lab.target(lab.stack("network", {"Note": lab.note()}, protected=True)))


def test_buckets_that_only_look_alike_do_no_harm(lab: Lab) -> None:
    lab.client("s3").create_bucket(Bucket=f"p{lab.account}-backup")
    assert not refused(lab.target(storage(lab, "eu-central-1")))

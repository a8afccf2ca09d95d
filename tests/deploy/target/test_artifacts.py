"""The bucket for code and large templates: where it is known, and what is put there once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.deploy.target.artifacts import artifacts_bucket, artifacts_for
from tapgen.model.layer import outputs_of

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tests.lab import Lab


def taker(lab: Lab, **inputs: str) -> Stack:
    """A stack with these parameters, each filled by an output of the storage layer."""
    given = {
        name: next(iter(outputs_of("storage", output).values())) for name, output in inputs.items()
    }
    return lab.stack("compute", {"Note": lab.note()}, inputs=given)


def test_artifacts_are_uploaded_once(lab: Lab) -> None:
    target = lab.target(lab.storage())
    assert artifacts_bucket(target) is None  # not deployed
    lab.deploy(lab.storage())
    artifacts = artifacts_bucket(target)
    assert artifacts is not None
    assert artifacts.put("key", b"content")
    assert not artifacts.put("key", b"content")
    (stored,) = lab.client("s3").list_objects_v2(Bucket=f"lab-artifacts-{lab.account}")["Contents"]
    assert stored["Key"] == "key"


def test_a_stack_says_by_its_inputs_where_its_code_is(lab: Lab) -> None:
    stack = taker(lab, Other="SomethingElse", Bucket="ArtifactsBucketName")
    target = lab.target(lab.storage(), stack)
    found = artifacts_for(target, stack, {"Other": "no", "Bucket": "told"})
    assert found is not None
    assert found.url("key") == f"{lab.local.endpoint_url}/told/key"
    assert artifacts_for(target, stack, {}) is None
    untold = taker(lab, Other="SomethingElse")
    assert artifacts_for(target, untold, {"Other": "no"}) is None


def test_without_the_platforms_layer_there_is_no_bucket(lab: Lab) -> None:
    stack = taker(lab, Bucket="ArtifactsBucketName")
    alone = lab.target(stack)
    assert (alone.artifacts, artifacts_bucket(alone)) == (None, None)
    assert artifacts_for(alone, stack, {"Bucket": "told"}) is None
    plain = replace(alone.platform, artifacts=None)
    assert replace(lab.target(lab.storage()), platform=plain).artifacts is None

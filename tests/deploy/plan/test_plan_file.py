from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tapgen import __version__
from tapgen.deploy.plan.plan_file import (
    FORMAT,
    SavedPlan,
    digest,
    refuse_other_owner,
    refuse_stale,
    saved_plan,
    to_save,
)
from tapgen.errors import RefusedError
from tapgen.model.changes.change import Change, ChangeSet, PropertyChange
from tapgen.model.layer import OutputRef
from tapgen.model.plan import Adoption, Blocked, FailedCreation, NoChange, Pending, Plan, Planned
from tapgen.model.stack import Stack

TABLE = "AWS::DynamoDB::Table"
PARAMETERS = {
    "Read": {"Type": "Number"},
    "Pin": {"Type": "String", "NoEcho": True},
    "Key": {"Type": "String"},
}
SETTINGS = {"Read": "data.read_capacity", "Pin": "data.pin", "Key": "code.key"}
CHANGES = (
    Change(
        "Modify",
        "Table",
        TABLE,
        "True",
        "ReplaceAndRetain",
        (PropertyChange("/Properties/Size", name="Size", before="5", after="10", cause="Read"),),
        "payments-dev-t",
    ),
    Change("Add", "Topic", "AWS::SNS::Topic"),
)
ANNA = "arn:aws:iam::111111111111:user/anna"
AGAIN = "tapgen plan --env dev --layer data --out FILE"
CHANGE_SET = ChangeSet("arn:change-set", "arn:stack", CHANGES)


@pytest.fixture
def stacks(make_stack: Any, make_template: Any) -> dict[str, Stack]:
    template = make_template(Parameters=PARAMETERS, Settings=SETTINGS, Table=TABLE)
    values = {"Read": "10", "Pin": "open sesame", "Key": "functions/a.zip"}
    inputs = {"VpcId": OutputRef("network", "VpcId")}
    names = ["network", "data", "storage", "compute", "api", "cdn"]
    return {
        name: make_stack(
            layer=name,
            name=f"payments-dev-{name}",
            template=template,
            parameters=values,
            inputs=inputs,
            tags={"Owner": "me"},
        )
        for name in names
    }


@pytest.fixture
def plan(stacks: dict[str, Stack]) -> Plan:
    filled = {**stacks["data"].parameters, "VpcId": "vpc-1"}
    adoption = Adoption("Table", TABLE, "TableName", "t", {"BillingMode": "PROVISIONED"})
    return Plan(
        "dev",
        {
            "network": NoChange(stacks["network"], {}, "2026-01-01"),
            "data": Planned(stacks["data"], "UPDATE", filled, CHANGE_SET),
            "storage": Planned(
                stacks["storage"], "IMPORT", filled, CHANGE_SET, adoptions=(adoption,)
            ),
            "compute": Pending(stacks["compute"], (OutputRef("data", "KeyArn"),)),
            "api": FailedCreation(stacks["api"], "ROLLBACK_COMPLETE"),
            "cdn": Blocked(stacks["cdn"], "UPDATE_FAILED", "it is stuck", "recover"),
        },
    )


@pytest.fixture
def text(plan: Plan) -> str:
    return to_save(plan, "c0de", ANNA).text


def test_what_is_written_is_read_again(plan: Plan, text: str, stacks: dict[str, Stack]) -> None:
    saved = saved_plan(text, "plan.json")
    assert saved.plan(stacks) == plan
    assert saved.layers == tuple(plan.entries)
    assert (saved.environment, saved.account_id) == ("dev", "111111111111")
    assert (saved.author, saved.digest) == (ANNA, json.loads(text)["digest"])
    assert list(saved.change_sets()) == [("eu-west-1", CHANGE_SET)] * 2


def test_the_file_says_all_that_was_reviewed(text: str, stacks: dict[str, Stack]) -> None:
    document = json.loads(text)
    assert document["tapgen"] == __version__
    assert document["regions"] == ["eu-west-1"]
    assert document["code_sha256"] == "c0de"
    data = document["stacks"]["data"]
    assert data["stack"]["template_sha256"] == stacks["data"].template.sha256
    assert data["stack"]["inputs"] == {"VpcId": "network.VpcId"}
    assert data["change_set"] == "arn:change-set"
    assert data["data_losses"] == ["Table"]
    change = data["changes"][0]
    assert (change["replacement"], change["policy_action"]) == ("True", "ReplaceAndRetain")
    assert change["data_loss"] is True
    (detail,) = change["details"]
    assert (detail["before"], detail["after"]) == ("5", "10")
    assert detail["because"] == ["setting data.read_capacity changed"]


def test_what_a_run_says_of_its_rollout_is_kept(plan: Plan, text: str) -> None:
    assert saved_plan(text, "plan.json").rollout is None
    saved = saved_plan(to_save(plan, "c0de", ANNA, None, 4, "all-at-once").text, "plan.json")
    assert saved.rollout == "all-at-once"


def test_no_secret_is_written(text: str) -> None:
    assert "open sesame" not in text
    document = json.loads(text)
    assert document["stacks"]["data"]["stack"]["parameters"]["Pin"] == "****"
    assert document["stacks"]["data"]["parameters"]["Pin"] == "****"


@pytest.mark.parametrize(
    "text", ["", "no", "[]", "{}", '{"format": "1"}', '{"format": 1}', "[" * 200_000]
)
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match=r"plan\.json is not a plan file"):
        saved_plan(text, "plan.json")


def sealed(text: str, **changed: Any) -> str:
    document = {**json.loads(text), **changed}
    return json.dumps({**document, "digest": digest(document)})


def test_a_plan_with_parts_missing_is_refused(text: str) -> None:
    broken = sealed(text, stacks={"data": {"kind": "Planned"}})
    with pytest.raises(RefusedError, match=r"stacks\.data\.change_set is missing; "):
        saved_plan(broken, "plan.json")
    with pytest.raises(RefusedError, match=r"it lacks the stacks of .*network"):
        saved_plan(sealed(text, stacks={}), "plan.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(part=st.sampled_from(["tapgen", "environment", "layers", "stacks"]), value=JSON)
def test_whatever_a_sealed_file_holds_it_is_a_plan_or_refused(part: str, value: Any) -> None:
    content = {"format": FORMAT, "tapgen": __version__, "environment": "dev"}
    content |= {"account_id": "1" * 12, "layers": [], "stacks": {}}
    with suppress(RefusedError):
        saved = saved_plan(sealed(json.dumps(content), **{part: value}), "plan.json")
        assert set(saved.layers) <= set(saved.document["stacks"])


def test_a_plan_of_another_format_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match=f"has the format 0; this tapgen reads {FORMAT}"):
        saved_plan(sealed(text, format=0), "plan.json")


def test_only_a_patch_of_tapgen_may_differ(text: str) -> None:
    patch = ".".join([*__version__.split(".")[:2], "99"])
    assert saved_plan(sealed(text, tapgen=patch), "plan.json").environment == "dev"
    with pytest.raises(RefusedError, match=r"was made by tapgen 99\.0\.0, and this is"):
        saved_plan(sealed(text, tapgen="99.0.0"), "plan.json")


@given(data=st.data())
def test_an_edit_anywhere_is_noticed(data: st.DataObject) -> None:
    document: Any = {
        "format": FORMAT, "tapgen": __version__, "environment": "dev", "layers": ["a", "b"],
        "stacks": {"a": {"kind": "Same", "n": [1, None]}},
    }  # fmt: skip
    text = sealed(json.dumps(document))
    place = data.draw(st.sampled_from(["environment", "layers", "stacks", "more"]))
    edited = {**json.loads(text), place: data.draw(st.text() | st.integers() | st.none())}
    assume(edited != json.loads(text))
    with pytest.raises(RefusedError, match="was edited after it was made"):
        saved_plan(json.dumps(edited), "plan.json")


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())))
def test_the_digest_depends_on_the_content_only(document: dict[str, Any]) -> None:
    turned = dict(reversed(document.items()))
    assert digest(document) == digest({**turned, "digest": "whatever"})


@pytest.mark.parametrize(
    ("environment", "account", "words"),
    [
        ("prod", "111111111111", "a plan for the environment dev, not for prod"),
        ("dev", "222222222222", "a plan for the account 111111111111, not for 222222222222"),
    ],
)
def test_a_foreign_plan_is_refused(text: str, environment: str, account: str, words: str) -> None:
    saved = saved_plan(text, "plan.json")
    refuse_other_owner(saved, "dev", "111111111111", "plan.json", AGAIN)
    with pytest.raises(RefusedError, match=words):
        refuse_other_owner(saved, environment, account, "plan.json", AGAIN)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"parameters": {"Read": "20"}}, "setting data.read_capacity was 10, is 20"),
        ({"parameters": {"Key": "functions/b.zip"}}, "the function code has changed"),
        ({"tags": {"Owner": "you"}}, "tags/Owner was me, is you"),
        ({"tags": {"More": "x"}}, "tags/More was not there, is x"),
        ({"region": "us-east-1"}, "region was eu-west-1, is us-east-1"),
        ({"protected": True}, "protected was false, is true"),
    ],
)
def test_a_stale_plan_is_refused_with_what_changed(
    text: str, stacks: dict[str, Stack], changed: dict[str, Any], fault: str
) -> None:
    saved: SavedPlan = saved_plan(text, "plan.json")
    refuse_stale(saved, stacks, "plan.json", AGAIN)
    fields = vars(stacks["data"])
    merged = {k: {**fields[k], **v} if isinstance(v, dict) else v for k, v in changed.items()}
    now = Stack(**{**fields, **merged})
    with pytest.raises(RefusedError) as raised:
        refuse_stale(saved, {**stacks, "data": now}, "plan.json", AGAIN)
    assert raised.value.message == f"plan.json is no longer valid:\n  data: {fault}"
    assert raised.value.hint == f"Make a new plan with `{AGAIN}` and have it reviewed."


def test_another_template_and_a_missing_layer_make_it_stale(
    text: str, stacks: dict[str, Stack], make_template: Any
) -> None:
    saved = saved_plan(text, "plan.json")
    del stacks["network"]
    template = make_template(Parameters=PARAMETERS, Settings=SETTINGS, Other=TABLE)
    stacks["data"] = Stack(**{**vars(stacks["data"]), "template": template})
    with pytest.raises(RefusedError) as raised:
        refuse_stale(saved, stacks, "plan.json", AGAIN)
    assert raised.value.message.splitlines()[1:] == [
        "  network: the environment no longer has this layer",
        "  data: the template has changed",
    ]

"""Settings that are parameters of Systems Manager, in an account of the local AWS."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.observe.stale_inputs import staleness
from tapgen.deploy.observe.verify import verify_stacks
from tapgen.deploy.plan import plan_files
from tapgen.deploy.plan.unchanged import no_op_plan
from tapgen.deploy.target.elsewhere import not_deployed, refuse_unreadable
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.changes.causes import in_words
from tapgen.model.deployed.events import Created, Failed, Updated
from tapgen.model.layer import ParameterRef
from tapgen.model.plan import Blocked, Planned, ReadValue
from tapgen.model.templates.template import Template
from tapgen.review.parity.staleness import StaleInput
from tapgen.settings.faults import Source

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.deploy.target.target import Target
    from tapgen.model.stack import Stack
    from tests.lab import Lab

MAIL = ParameterRef("/shared/mail")
# The setting that fills it: a text with a form, of the payments platform.
SETTING = "alarms.email"


def stack(lab: Lab, source: ParameterRef = MAIL, name: str = "Email", **declared: Any) -> Stack:
    """A stack with a parameter that a parameter of Systems Manager fills."""
    made = lab.stack(
        "api",
        {"Note": lab.note({"Ref": name})},
        inputs={name: source},
        settings={name: SETTING},
    )
    if not declared:
        return made
    document = made.template.document
    document["Parameters"][name] |= declared
    return replace(made, template=Template("api", json.dumps(document)))


def put(lab: Lab, value: str, name: str = "/shared/mail", **more: Any) -> None:
    given = {"Type": "String", "Overwrite": True, **more}
    lab.client("ssm").put_parameter(Name=name, Value=value, **given)


def placed(target: Target) -> Target:
    return replace(target, places={SETTING: Source("envs/lab.yaml", 7, 10)})


def refusal(target: Target) -> TapgenError:
    with pytest.raises(TapgenError) as refused:
        refuse_unreadable(target, target.stacks)
    return refused.value


def test_the_plan_shows_the_value_and_the_stack_gets_it(lab: Lab) -> None:
    put(lab, "a@example.com")
    work = lab.deployment(stack(lab))
    plan = lab.plan(work)
    entry = plan.entries["api"]
    assert isinstance(entry, Planned)
    assert entry.parameters == {"Email": "a@example.com"}
    assert entry.read_values == (ReadValue(SETTING, MAIL, "a@example.com"),)
    assert isinstance(work.carry_out(plan, SILENT)["api"], Created)

    put(lab, "b@example.com")
    work = lab.deployment(stack(lab))
    plan = lab.plan(work)
    entry = plan.entries["api"]
    assert isinstance(entry, Planned)
    (change,) = entry.change_set.changes
    assert in_words(entry.stack, change.details, [change]) == ("ssm:/shared/mail changed",)
    assert isinstance(work.carry_out(plan, SILENT)["api"], Updated)


def test_nothing_to_do_is_told_by_three_calls(lab: Lab) -> None:
    put(lab, "a@example.com")
    assert isinstance(lab.deploy(stack(lab)).outcomes["api"], Created)
    run = lab.run(stack(lab))
    made: list[str] = []
    for service in ("cloudformation", "ssm", "sts"):
        client = run.target.account.client(service, "us-east-1")
        client.meta.events.register("before-call", lambda model, **_: made.append(model.name))
    assert no_op_plan(run, run.target.graph) is not None
    assert made == ["DescribeStacks", "GetParameters", "GetParameter"]
    put(lab, "b@example.com")
    assert no_op_plan(run, run.target.graph) is None
    lab.client("ssm").delete_parameter(Name="/shared/mail")
    assert no_op_plan(run, run.target.graph) is None


def test_nobody_reads_parameters_before_the_account_is_known(lab: Lab) -> None:
    run = lab.run(stack(lab))
    made: list[str] = []
    client = run.target.account.client("ssm", "us-east-1")
    client.meta.events.register("before-call", lambda model, **_: made.append(model.name))
    assert no_op_plan(run, run.target.graph) is None
    assert made == []


def test_all_that_is_wrong_is_told_at_once_and_with_its_place(lab: Lab) -> None:
    secret, wrong = ParameterRef("/shared/secret"), ParameterRef("/shared/wrong")
    put(lab, "x", "/shared/secret", Type="SecureString")
    put(lab, "nobody", "/shared/wrong")
    stacks = [
        replace(stack(lab, source), layer=f"l{number}", name=f"lab-l{number}")
        for number, source in enumerate((MAIL, secret, wrong, ParameterRef("/shared/wrong:9")))
    ]
    error = refusal(placed(lab.target(*stacks)))
    local = 'eval "$(tapgen local env --env lab)" && aws ssm'
    gone, secure, unfit, pinned = error.message.splitlines()
    assert gone == (
        f"envs/lab.yaml:7:10: {SETTING}: there is no parameter /shared/mail in account "
        f"{lab.account}, us-east-1; `{local} put-parameter --region us-east-1 --type String "
        "--name /shared/mail --value payments@example.com` creates it"
    )
    assert secure.startswith(
        f"envs/lab.yaml:7:10: {SETTING}: /shared/secret is a SecureString, but everyone"
    )
    assert secure.endswith("for a secret, use a setting that accepts {secret: ...}")
    assert unfit.startswith(
        f'envs/lab.yaml:7:10: {SETTING}: ssm:/shared/wrong: "nobody" does not fit'
    )
    assert pinned.endswith(
        "there is no parameter /shared/wrong:9 in account "
        f"{lab.account}, us-east-1; name an existing version or label; "
        f"`{local} get-parameter-history --region us-east-1 --name /shared/wrong` lists them"
    )


def test_nothing_is_planned_while_anything_is_wrong(lab: Lab) -> None:
    work = lab.deployment(stack(lab))
    with pytest.raises(TapgenError, match="there is no parameter /shared/mail"):
        lab.plan(work)
    assert lab.status("api") == "ABSENT"


def test_a_profile_is_part_of_the_advice(lab: Lab) -> None:
    target = lab.target(stack(lab))
    target.account.connection = replace(target.account.connection, profile="ops", local=False)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(target), "parameters", lambda *_: {})
        assert (
            "`aws ssm put-parameter --region us-east-1 --profile ops --type"
            in refusal(target).message
        )


def test_the_template_is_asked_where_the_setting_has_nothing_to_say(lab: Lab) -> None:
    put(lab, "a@example.com")
    target = lab.target(stack(lab, AllowedPattern="^b@.*$"))
    assert refusal(target).message == (
        f"{SETTING}: ssm:/shared/mail is 'a@example.com', which does not match ^b@.*$"
    )


@pytest.mark.parametrize(
    ("value", "told"),
    [("none", "its value does not fit the setting"), ("a@b.example", "is ****, which does not")],
)
def test_a_value_that_must_not_be_shown_is_not(lab: Lab, value: str, told: str) -> None:
    put(lab, value)
    target = lab.target(stack(lab, name="Token", NoEcho=True, AllowedPattern="^c@.*$"))
    message = refusal(target).message
    assert told in message
    assert value not in message


def test_an_unfit_value_that_comes_later_stops_the_layer(lab: Lab) -> None:
    put(lab, "a@example.com")
    work = lab.deployment(stack(lab))
    plan = lab.plan(work)
    put(lab, "nobody")
    outcome = work.carry_out(plan, SILENT)["api"]
    assert isinstance(outcome, Failed)
    assert 'ssm:/shared/mail: "nobody" does not fit' in outcome.reason
    assert not isinstance(plan.entries["api"], Blocked)


def test_one_that_goes_away_meanwhile_is_told_with_the_way_back(lab: Lab) -> None:
    put(lab, "a@example.com")
    work = lab.deployment(stack(lab))
    plan = lab.plan(work)
    lab.client("ssm").delete_parameter(Name="/shared/mail")
    outcome = work.carry_out(plan, SILENT)["api"]
    assert isinstance(outcome, Failed)
    assert outcome.reason == "api needs ssm:/shared/mail, which does not exist"
    assert "aws ssm put-parameter --region us-east-1 --type String --name /shared/mail" in (
        outcome.hint
    )
    assert outcome.hint.endswith("then `tapgen deploy --env lab --local`.")
    error = not_deployed(work.run.target, "api", (MAIL,), lambda _: "again")
    assert error.hint.endswith("creates it, then `again`.")


def test_a_reviewed_value_has_to_stay(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    put(lab, "a@example.com")
    work = lab.deployment(stack(lab), mark="-kept")
    plan_files.save(lab.plan(work), path, work.run.target)
    record = json.loads(path.read_text())["stacks"]["api"]
    assert record["read"] == [
        {"setting": SETTING, "from": "ssm:/shared/mail", "value": "a@example.com"}
    ]

    def opened() -> None:
        target = lab.target(stack(lab))
        plan_files.reviewed_plan(plan_files.load(path), target, "plan.json")

    opened()
    put(lab, "b@example.com")
    with pytest.raises(RefusedError, match=r"ssm:/shared/mail was a@example.com, is b@example.com"):
        opened()
    lab.client("ssm").delete_parameter(Name="/shared/mail")
    with pytest.raises(RefusedError, match=r"ssm:/shared/mail was a@example.com, is missing"):
        opened()


def test_what_is_deployed_is_compared_with_what_there_is_now(lab: Lab) -> None:
    put(lab, "a@example.com")
    lab.deploy(stack(lab))
    target = lab.target(stack(lab))

    def compared() -> dict[str, bool | None]:
        return {check.property: check.ok for check in verify_stacks(target)}

    assert compared()["Parameters/Email"] is True
    assert staleness(target, target.states(["api"])).stale == {}
    put(lab, "b@example.com")
    assert compared()["Parameters/Email"] is False
    assert staleness(target, target.states(["api"])).stale == {
        "api": (StaleInput("Email", MAIL, "a@example.com", "b@example.com"),)
    }


def test_who_may_not_read_parameters_is_told_so_by_status(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(lab, "a@example.com")
    lab.deploy(stack(lab))
    target = lab.target(stack(lab))

    def denied(*_: object) -> None:
        raise TapgenError("reading the parameters /shared/mail: AccessDenied")

    found = target.states(["api"])
    monkeypatch.setattr(type(target), "parameters", denied)
    assert staleness(target, found).unread == {
        "Systems Manager": "reading the parameters /shared/mail: AccessDenied"
    }


def test_one_of_few_values_is_what_the_advice_proposes(lab: Lab) -> None:
    chosen = lab.stack(
        "api",
        {"Note": lab.note({"Ref": "Level"})},
        inputs={"Level": ParameterRef("/shared/level")},
        settings={"Level": "functions.log_level"},
    )
    assert "--name /shared/level --value DEBUG` creates it" in refusal(lab.target(chosen)).message
    unknown = replace(chosen, inputs={"Level": MAIL})
    document = unknown.template.document
    document["Metadata"]["tapgen"]["Settings"]["Level"] = "of.nobody"
    unknown = replace(unknown, template=Template("api", json.dumps(document)))
    assert "--value VALUE` creates it" in refusal(lab.target(unknown)).message

"""Taking over a stack that somebody else has made: what is shown, kept, refused and done."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from tapgen.deploy.flow.events import Note, PlansReady, Within
from tapgen.deploy.flow.host import Recorder
from tapgen.deploy.rescue.recover import Recovery
from tapgen.deploy.run.step import Choices
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import Created, Failed, Unchanged, Updated
from tapgen.model.layer import outputs_of
from tapgen.model.plan import Difference, Foreign, Planned
from tapgen.operations.adoption import Adopted, adopt
from tapgen.operations.deployment import How
from tests.lab import Lab, Reacting
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tapgen.deploy.flow.events import Event
    from tapgen.deploy.target.target import Target
    from tapgen.local.client import LocalAws
    from tapgen.model.stack import Stack
    from tapgen.project import Project


@dataclass(frozen=True)
class _Settings:
    promoted_from: None = None

    @property
    def settings(self) -> _Settings:
        return self

    deployment = settings
    name = "lab"


@dataclass(frozen=True)
class LabProject:
    """The stacks of a laboratory as a project; nothing of it is recorded."""

    target: Target
    record: bool = False

    def targets(self, _names: object) -> list[Target]:
        return [self.target]

    def environments(self, _names: object) -> list[_Settings]:
        return [_Settings()]


def adopted(
    lab: Lab, *stacks: Stack, host: Recorder | None = None, allow: str = "", **options: Any
) -> Adopted:
    """Take over the last of the stacks."""
    project = cast("Project", LabProject(lab.target(*stacks)))
    how = How(Choices(allowed_losses=frozenset([allow] if allow else [])))
    return adopt(project, "lab", stacks[-1].layer, host or Recorder(), how, **options)


def by_hand(
    lab: Lab, resources: dict[str, Any], tags: dict[str, str] | None = None, **sections: Any
) -> None:
    """A stack that somebody makes with another tool, by the name of the layer `data`."""
    lab.client("cloudformation").create_stack(
        StackName="lab-data",
        TemplateBody=json.dumps({**sections, "Resources": resources}),
        Tags=[{"Key": name, "Value": value} for name, value in (tags or {}).items()],
    )
    wait_until(lambda: lab.status("data") == "CREATE_COMPLETE")


def test_a_stack_made_by_hand_becomes_the_environments_own(lab: Lab) -> None:
    by_hand(
        lab,
        {"Table": lab.table("orders"), "Note": lab.note("one")},
        {"Owner": "ops", "Layer": "old"},
        Parameters={"Old": {"Type": "String", "Default": "x"}},
        Outputs={"Was": {"Value": "x"}},
    )
    stack = lab.stack("data", {"Table": lab.table("orders"), "Note": lab.note("two")})
    host = Recorder()
    done = adopted(lab, stack, host=host)
    (plan,) = done.plans.values()
    entry = plan.entries["data"]
    assert isinstance(entry, Planned)
    goes = Foreign({"Owner": "ops", "Layer": "old"}, ("Old",), ("Was",))
    assert entry.foreign == goes
    changed = {change.logical_id: change.action for change in entry.change_set.changes}
    assert changed["Note"] == "Modify"
    assert not entry.data_losses
    assert [question.text for question in host.questions] == ["Take this over in lab?"]
    assert done.done
    assert isinstance(done.done.outcomes["lab"]["data"], Updated)
    assert Within("lab", Note("data", "taking over stack lab-data")) in host.events
    state = lab.target(stack).describe("data")
    assert (state.tags, state.seal) == (stack.tags, stack.template.seal)
    assert lab.policy("data") == stack.policy()
    again = adopted(lab, stack)
    assert again.done is None
    assert "belongs to this environment and is as declared: nothing to take over" in again.nothing
    assert again.unchanged.keys() == {"data"}


def test_what_holds_data_is_not_lost_by_another_logical_id(lab: Lab) -> None:
    by_hand(lab, {"Orders": lab.table("orders"), "Log": {"Type": "AWS::Logs::LogGroup"}})
    stack = lab.stack("data", {"Table": lab.table("other"), "Note": lab.note()})
    host = Recorder()
    with pytest.raises(RefusedError) as raised:
        adopted(lab, stack, host=host)
    assert raised.value.message == (
        "2 changes are refused:"
        "\n  data: data.Log (AWS::Logs::LogGroup) would be removed and adopting must not lose data"
        "\n  data: data.Orders (AWS::DynamoDB::Table) would be removed and adopting must not lose "
        "data"
    )
    assert raised.value.hint == (
        "Declare it in the layer data as Log. If it is Table in the layer data, change that "
        "logical id to Orders, as in the stack. If that is intended, say so: --allow-replacement "
        "data.Log --allow-replacement data.Orders"
    )
    assert any(isinstance(event, PlansReady) for event in host.events)  # it was shown
    assert not host.questions
    assert lab.change_sets("data") == []
    # The advice leads out.
    same = lab.stack("data", {"Orders": lab.table("orders"), "Note": lab.note()})
    assert adopted(lab, same, allow="data.Log").done


def test_what_has_the_name_of_something_that_goes_is_called_as_that_is(lab: Lab) -> None:
    by_hand(lab, {"Old": lab.note("one", Name="/note"), "Orders": lab.table("orders")})
    resources = {"New": lab.note("one", Name="/note"), "Table": lab.table("orders")}
    stack = lab.stack("data", {**resources, "Other": lab.note()})
    with pytest.raises(RefusedError) as raised:
        adopted(lab, stack, allow="data.Orders")
    assert raised.value.message == (
        "2 changes are refused:"
        "\n  data: data.New (AWS::SSM::Parameter) cannot be created: "
        "Old in the stack already has the name /note"
        "\n  data: data.Table (AWS::DynamoDB::Table) cannot be created: "
        "Orders in the stack already has the name orders"
    )
    assert raised.value.hint == (
        "In the layer data, change the logical id New to Old. "
        "In the layer data, change the logical id Table to Orders."
    )
    same = {"Old": resources["New"], "Orders": resources["Table"], "Other": lab.note()}
    assert adopted(lab, lab.stack("data", same)).done


def test_what_holds_data_is_not_replaced_by_another_declaration(lab: Lab) -> None:
    by_hand(lab, {"Table": lab.table("orders")})
    with pytest.raises(RefusedError, match="would be replaced and adopting") as raised:
        adopted(lab, lab.stack("data", {"Table": lab.table("other")}))
    assert raised.value.hint.startswith(
        "Declare its current values, or change it in the layer after"
    )


def test_a_dry_run_shows_it_and_leaves_nothing(lab: Lab) -> None:
    by_hand(lab, {"Table": lab.table("orders")})
    host = Recorder()
    found = adopted(lab, lab.stack("data", {"Table": lab.table("orders")}), dry_run=True, host=host)
    assert (found.done, found.nothing, found.made.problem) == (None, "", None)
    assert found.made.has_changes
    assert not host.questions
    assert lab.change_sets("data") == []
    assert lab.target(lab.stack("data", {})).describe("data").tags == {}
    lost = adopted(lab, lab.stack("data", {"Table": lab.table("other")}), dry_run=True)
    assert isinstance(lost.made.problem, RefusedError)


def test_nothing_is_changed_where_the_answer_is_no(lab: Lab) -> None:
    by_hand(lab, {"Table": lab.table("orders")})
    stack = lab.stack("data", {"Table": lab.table("orders")})
    declined = adopted(lab, stack, host=Recorder(answer=False)).done
    assert declined
    assert not declined.agreed
    assert lab.change_sets("data") == []


def test_where_nothing_is_there_it_is_said(lab: Lab) -> None:
    for name in "abcdef":
        lab.client("ssm").put_parameter(Name=f"/{name}", Value="x", Type="String")
    with pytest.raises(TapgenError, match="nothing to take over: neither a stack lab-data") as one:
        adopted(lab, lab.stack("data", {"Table": lab.table("orders"), "Note": lab.note()}))
    assert one.value.hint == "`tapgen deploy --env lab --layer data --local` creates everything."
    lines = one.value.message.splitlines()
    assert lines[0].endswith(
        "a name that data declares. Resources without such a name can be given:"
    )
    assert lines[1].startswith("  --resource Note=Name (AWS::SSM::Parameter); AWS has ")
    assert lines[1].endswith("/e and 2 more")
    assert lines[2] == "  --resource Table=TableName (AWS::DynamoDB::Table)"
    assert lab.status("data") == "ABSENT"


def test_what_is_the_environments_own_is_deployed_and_not_adopted(lab: Lab) -> None:
    lab.deploy(lab.stack("data", {"Note": lab.note("one")}))
    found = adopted(lab, lab.stack("data", {"Note": lab.note("two")}))
    assert found.done is None
    assert found.nothing == (
        "stack lab-data belongs to this environment: nothing to take over; `tapgen deploy --env "
        "lab --layer data --local` does the rest"
    )
    assert lab.change_sets("data") == []


def test_what_was_begun_goes_on(lab: Lab, faults: Any) -> None:
    by_hand(lab, {"Table": lab.table("orders"), "Note": lab.note("one")})
    stack = lab.stack("data", {"Table": lab.table("orders"), "Note": lab.note("two")})
    faults({"update:Note": "no"})
    failed = adopted(lab, stack).done
    assert failed
    outcome = failed.outcomes["lab"]["data"]
    assert isinstance(outcome, Failed)
    assert "`tapgen adopt --env lab --layer data --local` again" in outcome.hint
    assert lab.status("data") == "UPDATE_ROLLBACK_COMPLETE"
    faults({})
    done = adopted(lab, stack).done
    assert done
    assert isinstance(done.outcomes["lab"]["data"], Updated)


def test_what_it_takes_from_is_deployed_first(lab: Lab) -> None:
    by_hand(lab, {"Table": lab.table("orders")})
    network = lab.stack("network", {"Note": lab.note()}, outputs={"Id": "x"})
    data = lab.stack("data", {"Table": lab.table("orders")}, inputs=outputs_of("network", "Id"))
    with pytest.raises(TapgenError, match=r"data needs network\.Id") as raised:
        adopted(lab, network, data)
    assert raised.value.hint == (
        "First `tapgen deploy --env lab --layer network --local`, then `tapgen adopt --env lab "
        "--layer data --local`."
    )
    lab.deploy(network)
    assert adopted(lab, network, data).done


def test_what_is_not_whole_is_not_taken_over(lab: Lab, faults: Any) -> None:
    by_hand(lab, {"Table": lab.table("orders"), "Note": lab.note("one")})
    cloudformation = lab.client("cloudformation")
    faults({"delete:Note": "no"})
    cloudformation.delete_stack(StackName="lab-data")
    wait_until(lambda: lab.status("data") == "DELETE_FAILED")
    with pytest.raises(RefusedError, match="is in DELETE_FAILED"):
        adopted(lab, lab.stack("data", {"Table": lab.table("orders")}))


TAKEN = {
    "QueueName": "jobs",
    "MessageRetentionPeriod": 86400,
}


def queue(lab: Lab, **attributes: str) -> str:
    """A queue that somebody has made in the console; gives its address."""
    made = lab.client("sqs").create_queue(QueueName="jobs", Attributes=attributes)
    return str(made["QueueUrl"])


def declared_queue(**more: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": {**TAKEN, **more}}


def test_resources_without_a_stack_are_taken_over_as_they_are_then_brought_in_line(
    lab: Lab,
) -> None:
    address = queue(lab, MessageRetentionPeriod="60")
    stack = lab.stack("data", {"Jobs": declared_queue(), "Note": lab.note()})
    host = Recorder()
    done = adopted(lab, stack, host=host)
    entry = done.plans["lab"].entries["data"]
    assert isinstance(entry, Planned)
    (adoption,) = entry.adoptions
    assert (adoption.logical_id, adoption.identifier_name, adoption.identifier) == (
        "Jobs",
        "QueueUrl",
        address,
    )
    assert entry.differences == (Difference("Jobs", "MessageRetentionPeriod", 86400, "60"),)
    assert entry.made == ("Note",)
    assert done.done
    outcome = done.done.outcomes["lab"]["data"]
    assert isinstance(outcome, Created)
    assert outcome.adopted == ("Jobs",)
    now = lab.client("sqs").get_queue_attributes(QueueUrl=address, AttributeNames=["All"])
    assert now["Attributes"]["MessageRetentionPeriod"] == "86400"
    assert "nothing to take over" in adopted(lab, stack).nothing


def make_table(lab: Lab, name: str, key: str = "id", **tags: str) -> None:
    lab.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        Tags=[{"Key": name, "Value": value} for name, value in tags.items()],
    )


def test_what_has_no_declared_name_is_named(lab: Lab) -> None:
    lab.client("kms").create_key(Description="by hand")
    (key,) = (one["KeyId"] for one in lab.client("kms").list_keys()["Keys"])
    stack = lab.stack("data", {"Key": Lab.kept("AWS::KMS::Key", Description="declared")})
    done = adopted(lab, stack, resources={"Key": key})
    entry = done.plans["lab"].entries["data"]
    assert isinstance(entry, Planned)
    assert Difference("Key", "Description", "declared", "by hand") in entry.differences
    assert done.done
    assert lab.target(stack).cloudformation(stack).resources("lab-data")["Key"][1] == key
    again = adopted(lab, stack, resources={"Key": key})
    assert "nothing to take over" in again.nothing
    with pytest.raises(TapgenError, match=r"data declares no Kez; did you mean Key\?"):
        adopted(lab, stack, resources={"Kez": key})


def test_what_several_properties_identify_is_taken_over(lab: Lab) -> None:
    """The pool by its name, its server by the pool and a name, the client by what AWS knows."""
    cognito = lab.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="users")["UserPool"]["Id"]
    cognito.create_resource_server(UserPoolId=pool, Identifier="api", Name="api")
    made = cognito.create_user_pool_client(UserPoolId=pool, ClientName="mine")
    client = made["UserPoolClient"]["ClientId"]

    def part(kind: str, **properties: Any) -> dict[str, Any]:
        return Lab.kept(f"AWS::Cognito::{kind}", UserPoolId={"Ref": "Users"}, **properties)

    stack = lab.stack(
        "data",
        {
            "Users": Lab.kept("AWS::Cognito::UserPool", UserPoolName="users"),
            "Server": part("UserPoolResourceServer", Identifier="api", Name="api"),
            "Client": part("UserPoolClient", ClientName="mine"),
            "Note": lab.note({"Fn::Sub": "${Client} of ${Users}"}),
        },
    )
    identifier = f"{pool}|{client}"
    with pytest.raises(TapgenError, match=r"UserPoolClient is identified by its UserPoolId\|Cli"):
        adopted(lab, stack, resources={"Client": client})
    with pytest.raises(TapgenError, match=r"there is no AWS::Cognito::UserPoolClient \S+\|other"):
        adopted(lab, stack, resources={"Client": f"{pool}|other"})
    done = adopted(lab, stack, resources={"Client": identifier})
    entry = done.plans["lab"].entries["data"]
    assert isinstance(entry, Planned)
    assert {one.logical_id: one.identifier for one in entry.adoptions} == {
        "Client": identifier,
        "Server": f"{pool}|api",
        "Users": pool,
    }
    assert entry.differences == ()
    assert done.done
    held = lab.target(stack).cloudformation(stack).resources("lab-data")
    assert (held["Client"][1], held["Server"][1], held["Users"][1]) == (client, "api", pool)
    note = lab.client("ssm").get_parameter(Name=held["Note"][1])["Parameter"]["Value"]
    assert note == f"{client} of {pool}"
    assert "nothing to take over" in adopted(lab, stack, resources={"Client": identifier}).nothing


def test_everything_that_is_wrong_with_what_is_named_is_told_at_once(lab: Lab) -> None:
    make_table(lab, "orders")
    lab.deploy(lab.stack("data", {"Note": lab.note("one")}))
    resources = {
        "Absent": lab.note(),
        "Custom": {"Type": "Custom::Thing", "Properties": {"ServiceToken": "arn"}},
        "Never": {**lab.table("never"), "Condition": "No"},
        "Note": lab.note("two"),
        "Stage": {"Type": "AWS::ApiGateway::Stage", "Properties": {"RestApiId": "a"}},
        "Table": lab.table("orders"),
    }
    stack = lab.stack("data", resources, conditions={"No": {"Fn::Equals": ["a", "b"]}})
    named = {
        "Absent": "/absent",
        "Custom": "x",
        "Never": "orders",
        "Note": "another",
        "Stage": "a",
        "Tabel": "orders",
        "Table": "orders",
        "Zzz": "z",
    }
    with pytest.raises(TapgenError) as raised:
        adopted(lab, stack, resources=named)
    lines = raised.value.message.splitlines()
    assert lines[0] == "resources named by --resource cannot be taken over:"
    where = f"in us-east-1 of account {lab.account}"
    absent, _, offered = lines[1].partition("; AWS has ")
    assert absent == f"  Absent: there is no AWS::SSM::Parameter /absent {where}"
    assert "/tapgen/lab/lock" in offered.split(", ")
    assert (
        lines[2] == "  Custom: AWS cannot import Custom::Thing, since it publishes no schema of it"
    )
    assert lines[3] == "  Never is not part of lab: its condition is false"
    assert lines[4].startswith("  Note is already in the stack, as ")
    assert lines[5] == ("  Stage: AWS::ApiGateway::Stage is identified by its RestApiId|StageName")
    assert lines[6] == "  data declares no Tabel; did you mean Table?"
    assert lines[7] == ("  data declares no Zzz; it has Absent, Custom, Never, Note, Stage, Table")
    assert lab.change_sets("data") == []


def test_what_another_stack_has_is_refused_with_its_name(lab: Lab) -> None:
    lab.deploy(replace(lab.stack("other", {"Table": lab.table("orders")}), tags={}))
    stack = lab.stack("data", {"Table": lab.table("orders")})
    with pytest.raises(RefusedError) as raised:
        adopted(lab, stack)
    assert "Table (AWS::DynamoDB::Table orders) is in stack lab-other" in raised.value.message
    assert "`DeletionPolicy: Retain`" in raised.value.hint
    assert lab.status("data") == "ABSENT"


def test_what_tapgen_keeps_for_another_environment_is_refused(lab: Lab) -> None:
    make_table(lab, "orders", ManagedBy="tapgen", Environment="live")
    with pytest.raises(RefusedError, match="belongs to the environment live"):
        adopted(lab, lab.stack("data", {"Table": lab.table("orders")}))


def test_what_aws_cannot_change_is_not_replaced_but_by_name(lab: Lab) -> None:
    make_table(lab, "orders", key="number")
    stack = lab.stack("data", {"Orders": lab.table("new"), "Note": lab.note()})
    host = Recorder()
    with pytest.raises(RefusedError) as raised:
        adopted(lab, stack, host=host, resources={"Orders": "orders"})
    assert raised.value.message == (
        "data.Orders (AWS::DynamoDB::Table) would be replaced once it is taken over: AWS cannot "
        "change TableName, KeySchema/id, KeySchema/number"
    )
    assert raised.value.hint == (
        "Declare its current values. If that is intended, say so: --allow-replacement data.Orders"
    )
    assert lab.status("data") == "ABSENT"
    done = adopted(lab, stack, resources={"Orders": "orders"}, allow="data.Orders").done
    assert done
    assert isinstance(done.outcomes["lab"]["data"], Created)
    assert set(lab.client("dynamodb").list_tables()["TableNames"]) == {"new", "orders"}


def test_a_stack_of_somebody_elses_and_what_it_lacks_are_taken_over_together(lab: Lab) -> None:
    by_hand(lab, {"Note": lab.note("one")})
    make_table(lab, "orders")
    stack = lab.stack("data", {"Table": lab.table("orders"), "Note": lab.note("two")})
    done = adopted(lab, stack)
    entry = done.plans["lab"].entries["data"]
    assert isinstance(entry, Planned)
    assert (entry.kind, entry.foreign) == ("IMPORT", Foreign())
    assert done.done
    assert done.done.outcomes["lab"]["data"] == Updated({}, ("Table",))
    assert lab.target(stack).describe("data").tags == stack.tags


def test_a_queue_of_the_stack_is_the_same_at_another_address(lab: Lab) -> None:
    by_hand(lab, {"Jobs": declared_queue()})
    stack = lab.stack("data", {"Jobs": declared_queue()})
    address = lab.client("sqs").get_queue_url(QueueName="jobs")["QueueUrl"]
    other = address.replace("127.0.0.1", "localhost")
    done = adopted(lab, stack, resources={"Jobs": other})
    entry = done.plans["lab"].entries["data"]
    assert isinstance(entry, Planned)
    assert (entry.kind, entry.adoptions) == ("UPDATE", ())


def test_a_service_role_makes_the_stack_that_imports(lab: Lab) -> None:
    make_table(lab, "orders")
    stack = lab.stack("data", {"Table": lab.table("orders")})
    role = lab.role()
    project = cast("Project", LabProject(lab.target(stack, role_arn=role)))
    entry = adopt(project, "lab", "data", Recorder(), dry_run=True).plans["lab"].entries["data"]
    assert isinstance(entry, Planned)
    assert (entry.creates, len(entry.adoptions)) == (True, 1)


def test_a_template_in_yaml_is_added_to_and_one_with_a_transform_is_not(lab: Lab) -> None:
    yaml = """
Parameters:
  Value: {Type: String, Default: one}
Resources:
  Note:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: !Ref Value}
"""
    lab.client("cloudformation").create_stack(StackName="lab-data", TemplateBody=yaml)
    wait_until(lambda: lab.status("data") == "CREATE_COMPLETE")
    make_table(lab, "orders")
    note = {"Note": lab.note("two")}
    shown = adopted(lab, lab.stack("data", note), dry_run=True).plans["lab"].entries["data"]
    assert isinstance(shown, Planned)
    (change,) = shown.change_set.changes
    values = {(part.name, part.before, part.after) for part in change.details if part.has_values}
    assert ("Value", "one", "two") in values
    done = adopted(lab, lab.stack("data", {"Table": lab.table("orders"), **note})).done
    assert done
    assert done.outcomes["lab"]["data"] == Updated({}, ("Table",))


def test_what_a_failed_creation_says_about_a_taken_name_leads_out(lab: Lab) -> None:
    lab.client("ssm").put_parameter(Name="/taken", Type="String", Value="by hand")
    stack = lab.stack("data", {"Note": lab.note("declared", Name="/taken")})
    failed = lab.deploy(stack).outcomes["data"]
    assert isinstance(failed, Failed)
    adopt = "`tapgen adopt --env lab --layer data --local`"
    assert f"If it belongs to this layer, {adopt} shows what differs" in failed.hint
    with pytest.raises(
        TapgenError, match="its creation failed, and it must be deleted first"
    ) as raised:
        adopted(lab, stack)
    assert raised.value.hint == (f"`tapgen recover --env lab --layer data --local`, then {adopt}.")
    run = lab.run(stack)
    recovery = Recovery(run, run.target.graph)
    recovery.look()
    recovery.carry_out()
    done = adopted(lab, stack).done
    assert done
    assert done.outcomes["lab"]["data"] == Created({}, ("Note",))
    found = lab.client("ssm").get_parameter(Name="/taken")["Parameter"]["Value"]
    assert found == "declared"


class StopsError(Exception):
    """What breaks a run off."""


def events_of(lab: Lab, stack: Stack) -> int:
    """How many events a whole adoption has; it is carried out."""
    host = Recorder()
    assert adopted(lab, stack, host=host).done
    return len(host.events)


@pytest.mark.slow
@pytest.mark.parametrize("case", ["stack", "resources", "both"])
def test_a_run_that_is_broken_off_at_any_moment_goes_on(
    local_aws: LocalAws, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each event in turn, in an account of its own: then the same command once more."""
    monkeypatch.setattr("tapgen.deploy.run.taken_over._PAUSES", (0.01, 0.1))
    numbers = iter(range(730_000_000_000 + 1_000 * len(case), 731_000_000_000))

    def prepared() -> tuple[Lab, Stack]:
        lab = Lab(local_aws, str(next(numbers)))
        if case != "resources":
            by_hand(lab, {"Note": lab.note("one")}, {"Owner": "ops"})
        if case == "stack":
            return lab, lab.stack("data", {"Note": lab.note("two")})
        queue(lab, MessageRetentionPeriod="60")
        return lab, lab.stack("data", {"Jobs": declared_queue(), "Note": lab.note("two")})

    count = events_of(*prepared())
    for number in range(count):
        lab, stack = prepared()
        seen: list[Event] = []

        def stop(event: Event, seen: list[Event] = seen, last: int = number) -> None:
            seen.append(event)
            if len(seen) > last:
                raise StopsError

        with suppress(StopsError):
            adopted(lab, stack, host=Reacting(then=stop))
        last = adopted(lab, stack)
        assert last.nothing or last.done, number
        if last.done:
            assert isinstance(last.done.outcomes["lab"]["data"], Created | Updated | Unchanged)
        state = lab.target(stack).describe("data")
        assert (state.tags, state.seal) == (stack.tags, stack.template.seal), number
        assert lab.policy("data") == stack.policy()
        assert lab.change_sets("data") == []
        assert "nothing to take over" in adopted(lab, stack).nothing
        if case != "stack":
            held = lab.target(stack).cloudformation(stack).resources("lab-data")
            assert held["Jobs"][1].endswith("/jobs")

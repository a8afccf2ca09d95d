from __future__ import annotations

import json
from dataclasses import replace

import click
import pytest

from tapgen.cli.invocation import Invocation
from tapgen.cli.views.runs import ends, plans
from tapgen.cli.views.runs.outcomes import plan_record
from tapgen.cli.views.runs.timing import Times
from tapgen.model.changes.change import Change, ChangeSet, PropertyChange
from tapgen.model.deployed.events import (
    Created,
    Deleted,
    Failed,
    Outcome,
    Unchanged,
    Updated,
)
from tapgen.model.plan import (
    Adoption,
    Difference,
    Foreign,
    NoChange,
    Plan,
    Planned,
    Refusal,
)
from tapgen.model.stack import Stack
from tapgen.operations import deployment as operations
from tapgen.operations.rescue import Rescued
from tapgen.render.rendering import Rendered
from tests.small_stacks import MakeStack, MakeTemplate

TABLE, TOPIC = "AWS::DynamoDB::Table", "AWS::SNS::Topic"
PURGE = "tapgen destroy --env dev --purge-data"


def planned(stack: Stack, kind: str, *changes: Change) -> Plan:
    entry = Planned(stack, kind, {}, ChangeSet("arn", "id", changes))
    return Plan("dev", {"network": NoChange(stack, {}), "data": entry})


def lines(plan: Plan, verbosity: int = 0) -> list[str]:
    return click.unstyle(plans.plan_text(plan, verbosity)).splitlines()


@pytest.mark.parametrize(
    ("way", "told", "seconds"),
    [
        (
            "linear-10-3",
            (
                "traffic of payments-prod-payment-processor shifts in steps, about 30 minutes "
                "(CodeDeployDefault.LambdaLinear10PercentEvery3Minutes)"
            ),
            1800,
        ),
        ("all-at-once", "", None),
    ],
)
def test_a_new_version_tells_how_callers_get_to_it(
    rendered: Rendered, way: str, told: str, seconds: int | None
) -> None:
    stack = next(one for one in rendered.stacks["prod"] if one.layer == "compute")
    version = PropertyChange(name="FunctionVersion")
    moved = Change("Modify", "PaymentProcessorAlias", "AWS::Lambda::Alias", details=(version,))
    entry = Planned(
        stack, "UPDATE", {**stack.parameters, "Rollout": way}, ChangeSet("arn", "id", (moved,))
    )
    plan = Plan("prod", {"compute": entry})
    found = [line.strip() for line in lines(plan) if "traffic" in line]
    assert found == ([told] if told else [])
    rollouts = plan_record(plan)["compute"]["rollouts"]
    assert rollouts == (
        [
            {
                "logical_id": "PaymentProcessorAlias",
                "function": "payments-prod-payment-processor",
                "configuration": "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes",
                "seconds": seconds,
            }
        ]
        if seconds
        else []
    )


def test_steps_of_ones_own_take_nobody_knows_how_long(
    make_stack: MakeStack, make_template: MakeTemplate
) -> None:
    policy = {"ApplicationName": "app", "DeploymentGroupName": "group"}
    alias = {
        "Type": "AWS::Lambda::Alias",
        "Properties": {"FunctionName": "worker", "FunctionVersion": "1", "Name": "live"},
        "UpdatePolicy": {"CodeDeployLambdaAliasUpdate": policy},
    }
    stack = make_stack(template=make_template(Alias=alias))
    version = PropertyChange(name="FunctionVersion")
    moved = Change("Modify", "Alias", "AWS::Lambda::Alias", details=(version,))
    plan = planned(stack, "UPDATE", moved)
    assert "    traffic of worker shifts in steps" in lines(plan)
    (rollout,) = plan_record(plan)["data"]["rollouts"]
    assert (rollout["configuration"], rollout["seconds"]) == ("", None)


def test_the_worst_change_comes_first(stack: Stack) -> None:
    plan = planned(
        stack,
        "UPDATE",
        Change("Add", "Alarm", "AWS::CloudWatch::Alarm"),
        Change("Modify", "Topic", TOPIC, "True", details=(PropertyChange(name="TopicName"),)),
        Change("Remove", "Table", TABLE),
    )
    assert lines(plan) == [
        "Plan for dev",
        "  network        unchanged",
        "  data           update, 3 changes",
        "    - Table (AWS::DynamoDB::Table)  DATA LOSS",
        "    ! Topic (AWS::SNS::Topic) is replaced",
        "        TopicName",
        "    + Alarm (AWS::CloudWatch::Alarm)",
        "1 of 2 stacks would change",
    ]
    coloured = plans.plan_text(plan, 0)
    assert click.style("    - Table (AWS::DynamoDB::Table)  DATA LOSS", fg="red") in coloured


def test_what_is_refused_stands_at_what_it_is_about(stack: Stack) -> None:
    table = Change("Modify", "Table", TABLE, "True")
    plan = planned(stack, "UPDATE", table, Change("Modify", "Other", TABLE, "True"))
    refusals = (
        Refusal("lost", resource="Table", option="--allow-replacement data.Table"),
        Refusal("lost", "Rename it.", resource="Other"),
        Refusal("the load is high", "Wait."),
    )
    shown = lines(replace(plan, unprotects=("data",), refusals={"data": refusals}))
    assert shown[1:] == [
        "  protection is switched off: data",
        "  network        unchanged",
        "  data           update, 2 changes",
        "    ! Other (AWS::DynamoDB::Table) is replaced  DATA LOSS  REFUSED: Rename it.",
        (
            "    ! Table (AWS::DynamoDB::Table) is replaced  DATA LOSS  REFUSED, "
            "--allow-replacement data.Table would allow it"
        ),
        "    REFUSED: the load is high",
        "1 of 2 stacks would change",
    ]


def test_what_is_made_is_listed_only_when_asked(stack: Stack) -> None:
    plan = planned(stack, "CREATE", Change("Add", "Table", TABLE))
    assert lines(plan)[2:-1] == ["  data           create, 1 resource"]
    assert lines(plan, 1)[3] == "    + Table (AWS::DynamoDB::Table)"


def test_an_update_of_no_resource_says_so(stack: Stack) -> None:
    assert lines(planned(stack, "UPDATE"))[2:-1] == ["  data           update, no resource changes"]


@pytest.mark.parametrize(("count", "shown", "folded"), [(12, 12, 0), (15, 12, 3)])
def test_many_changes_are_folded(stack: Stack, count: int, shown: int, folded: int) -> None:
    changes = [Change("Modify", f"T{n:02}", TOPIC, "False") for n in range(count)]
    plan = planned(stack, "UPDATE", *changes)
    listed = [line for line in lines(plan) if line.startswith("    ~ T")]
    assert len(listed) == shown
    more = [f"    and {folded} more (--verbose shows them)"] if folded else []
    assert [line for line in lines(plan) if "more" in line] == more
    assert len([line for line in lines(plan, 1) if line.startswith("    ~ T")]) == count


def test_show_plan(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    plan = planned(stack, "CREATE")
    ends.show_plans(operations.Planned({"dev": plan}), "text", 0)
    assert capsys.readouterr().out.splitlines() == lines(plan)
    ends.show_plans(operations.Planned({"dev": plan}), "json", 0)
    record = json.loads(capsys.readouterr().out)
    assert list(record["environments"]["dev"]) == ["network", "data"]
    assert record["environments"]["dev"]["data"]["summary"] == "create, 0 resources"
    ends.show_plans(operations.Planned({"dev": plan, "qa": plan}), "json", 0)
    several = json.loads(capsys.readouterr().out)
    assert several["environments"] == dict.fromkeys(("dev", "qa"), record["environments"]["dev"])


def test_outcomes_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    ends.show_outcomes({"dev": {"data": Unchanged({"A": "b"})}})
    assert json.loads(capsys.readouterr().out) == {
        "version": 1,
        "event": "Outcomes",
        "environments": {"dev": {"data": {"kind": "Unchanged", "outputs": {"A": "b"}}}},
        "releases": {},
        "ways_back": {},
    }


def test_what_is_kept_is_listed_with_the_way_to_delete_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    outcomes: dict[str, Outcome] = {
        "data": Deleted(((TABLE, "payments-dev-t"),)),
        "network": Failed("no"),
    }
    plans.show_retained(outcomes, "tapgen destroy --env dev --layer data --purge-data")
    out, err = capsys.readouterr()
    assert out.splitlines()[1].split() == ["data", TABLE, "payments-dev-t"]
    assert "`tapgen destroy --env dev --layer data --purge-data` deletes them permanently." in err


def test_what_was_purged_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    plans.show_retained({"data": Deleted(purged=((TABLE, "a"), (TABLE, "b")))}, PURGE)
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "\n2 retained resources were deleted permanently.\n"


def test_what_tapgen_cannot_delete_is_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    plans.show_retained({"data": Deleted(by_hand=(("AWS::SSM::Parameter", "a"),))}, PURGE)
    out, err = capsys.readouterr()
    assert "AWS::SSM::Parameter" in out
    assert "by hand" in err
    assert "--purge-data" not in err


def test_the_outputs_are_those_of_stacks_that_are_there() -> None:
    outcomes: dict[str, Outcome] = {
        "network": Unchanged({"VpcId": "vpc-1"}),
        "data": Created({"KeyArn": "arn"}),
        "storage": Updated({}),
        "compute": Failed("no"),
    }
    assert plans.outputs_of(outcomes) == {
        "network": {"VpcId": "vpc-1"},
        "data": {"KeyArn": "arn"},
        "storage": {},
    }


def test_a_quiet_destruction_lists_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = {"data": Deleted(((TABLE, "t"),), ((TABLE, "u"),), ((TABLE, "v"),))}
    with click.Context(click.Command("destroy"), obj=Invocation(verbosity=-1)):
        plans.show_retained(outcomes, "tapgen destroy --purge-data")
        plans.show_left(outcomes)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("output", ["text", "json"])
def test_where_nothing_needs_help_a_program_gets_an_empty_end(
    capsys: pytest.CaptureFixture[str], output: str
) -> None:
    done = Rescued("dev", (), "tapgen deploy --env dev")
    assert ends.rescued(done, output, 0, Times(), "No stack needs recovery.") == 0
    out, err = capsys.readouterr()
    assert err == "No stack needs recovery.\n"
    assert [json.loads(line) for line in out.splitlines()] == (
        [
            {
                "version": 1,
                "event": "Outcomes",
                "environments": {"dev": {}},
                "releases": {},
                "ways_back": {},
            }
        ]
        if output == "json"
        else []
    )


def test_what_is_taken_over_is_shown_with_what_differs(stack: Stack) -> None:
    adoptions = (
        Adoption("Jobs", "AWS::SQS::Queue", "QueueUrl", "https://sqs/1/jobs"),
        Adoption("Table", TABLE, "TableName", "orders"),
    )
    differences = (
        Difference("Jobs", "MessageRetentionPeriod", 86400, "60"),
        Difference("Jobs", "KmsMasterKeyId", "alias/own", None),
        Difference("Table", unseen="AWS cannot read it"),
    )
    entry = Planned(
        stack,
        "CREATE",
        {},
        ChangeSet("arn", "id", ()),
        adoptions=adoptions,
        differences=differences,
        made=("Alarm", "Topic"),
    )
    refusal = Refusal("lost", resource="Table", option="--allow-replacement data.Table")
    shown = lines(Plan("dev", {"data": entry}, refusals={"data": (refusal,)}))
    assert shown[1:-1] == [
        "  data           create, taking over Jobs, Table",
        "    > Jobs (AWS::SQS::Queue) https://sqs/1/jobs",
        "        MessageRetentionPeriod: 60 -> 86400",
        "        + KmsMasterKeyId: alias/own",
        f"    > Table ({TABLE}) orders  REFUSED, --allow-replacement data.Table would allow it",
        "        not comparable: AWS cannot read it",
        "    + Alarm, Topic are created",
    ]
    one = replace(entry, adoptions=adoptions[:1], differences=(), made=("Topic",))
    assert lines(Plan("dev", {"data": one}))[2:-1] == [
        "    > Jobs (AWS::SQS::Queue) https://sqs/1/jobs",
        "    + Topic is created",
    ]


def test_what_goes_with_a_stack_of_somebody_elses_is_shown(stack: Stack) -> None:
    foreign = Foreign({"Owner": "ops"}, ("Size",), ("Name",), ("arn:topic",), "arn:role")
    entry = Planned(stack, "UPDATE", {}, ChangeSet("arn", "id", ()), foreign=foreign)
    assert lines(Plan("dev", {"data": entry}))[1:-1] == [
        "  data           take over stack payments-dev-data, 0 changes",
        "    its tags are removed: Owner=ops",
        "    its parameters are removed: Size",
        "    its outputs are removed: Name",
        "    its notifications are removed: arn:topic",
        "    it keeps its service role arn:role",
    ]
    taking = replace(entry, adoptions=(Adoption("Table", TABLE, "TableName", "orders"),))
    assert lines(Plan("dev", {"data": taking}))[1] == (
        "  data           take over stack payments-dev-data, taking over Table"
    )

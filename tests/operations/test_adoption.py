"""Taking over a stack that somebody else has made: what is shown, kept, refused and done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest

from tapgen.deploy.flow.events import Note, PlansReady, Within
from tapgen.deploy.flow.host import Recorder
from tapgen.deploy.run.step import Choices
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import Failed, Updated
from tapgen.model.layer import outputs_of
from tapgen.model.plan import Foreign, Planned
from tapgen.operations.adoption import Adopted, adopt
from tapgen.operations.deployment import How
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target
    from tapgen.model.stack import Stack
    from tapgen.project import Project
    from tests.lab import Lab


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
    """The stacks of a laboratory as a project."""

    target: Target

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
    assert "own, and as declared: nothing to take over" in again.nothing
    assert again.unchanged.keys() == {"data"}


def test_what_holds_data_is_not_lost_by_another_logical_id(lab: Lab) -> None:
    by_hand(lab, {"Orders": lab.table("orders"), "Log": {"Type": "AWS::Logs::LogGroup"}})
    stack = lab.stack("data", {"Table": lab.table("other"), "Note": lab.note()})
    host = Recorder()
    with pytest.raises(RefusedError) as raised:
        adopted(lab, stack, host=host)
    assert raised.value.message == (
        "2 things are refused:"
        "\n  data: data.Log (AWS::Logs::LogGroup) would be removed and taking over loses no data"
        "\n  data: data.Orders (AWS::DynamoDB::Table) would be removed and taking over loses no "
        "data"
    )
    assert raised.value.hint == (
        "Declare it in the layer data as Log. The stack calls it Orders: give Table of the layer "
        "data that logical id. If that is meant, say so: --allow-replacement data.Log "
        "--allow-replacement data.Orders"
    )
    assert any(isinstance(event, PlansReady) for event in host.events)  # it was shown
    assert not host.questions
    assert lab.change_sets("data") == []
    # The advice leads out.
    same = lab.stack("data", {"Orders": lab.table("orders"), "Note": lab.note()})
    assert adopted(lab, same, allow="data.Log").done


def test_what_holds_data_is_not_replaced_by_another_declaration(lab: Lab) -> None:
    by_hand(lab, {"Table": lab.table("orders")})
    with pytest.raises(RefusedError, match="would be replaced and taking over") as raised:
        adopted(lab, lab.stack("data", {"Table": lab.table("other")}))
    assert raised.value.hint.startswith("Declare what it has, or let the layer change it once")


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
    with pytest.raises(TapgenError, match="nothing to take over: neither a stack lab-data") as one:
        adopted(lab, lab.stack("data", {"Table": lab.table("orders")}))
    assert one.value.hint == "`tapgen deploy --env lab --layer data --local` makes it anew."
    assert lab.status("data") == "ABSENT"


def test_what_is_the_environments_own_is_deployed_and_not_adopted(lab: Lab) -> None:
    lab.deploy(lab.stack("data", {"Note": lab.note("one")}))
    found = adopted(lab, lab.stack("data", {"Note": lab.note("two")}))
    assert found.done is None
    assert found.nothing == (
        "stack lab-data is this environment's own: nothing to take over; `tapgen deploy --env lab "
        "--layer data --local` does what is left to do"
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

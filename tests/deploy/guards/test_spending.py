from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.deploy.guards.guard import Subject
from tapgen.deploy.guards.spending import overspending
from tapgen.deploy.guards.whole_plan import guarded
from tapgen.model.changes.change import Change, ChangeSet
from tapgen.model.plan import Entry, NoChange, Plan, Planned, Refusal
from tapgen.settings.base import Cost
from tapgen.settings.faults import Source

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target
    from tests.lab import Lab

ALLOW = "--allow-cost"
ADDED = Change("Add", "Gateway", "AWS::EC2::NatGateway")


def target(lab: Lab, limit: int | None) -> Target:
    network = lab.stack("network", {"Gateway": {"Type": "AWS::EC2::NatGateway"}})
    other = lab.stack("zone", {"Note": lab.note()})
    made = lab.target(network, other, cost=Cost(monthly_limit=limit))
    return replace(made, places={"cost.monthly_limit": Source("envs/lab.yaml", 7, 18)})


def planned(of: Target) -> Plan:
    """A plan for a layer that costs nothing: the limit is that of the whole environment."""
    entries: dict[str, Entry] = {
        "zone": Planned(of.stacks["zone"], "UPDATE", {}, ChangeSet("arn", "id", (ADDED,)))
    }
    return Plan("lab", entries)


def test_more_than_the_limit_is_refused_unless_that_is_said(lab: Lab) -> None:
    of = target(lab, 30)
    plan = planned(of)
    subject = Subject(of, plan.entries)
    refusal = Refusal(
        "lab: it may cost 32.85 US dollars a month, without the parts that have no known price, "
        "and cost.monthly_limit is 30 (envs/lab.yaml:7:18)",
        "`tapgen cost --env lab --local` shows what costs how much.",
        option=ALLOW,
    )
    assert guarded(plan, subject, frozenset()).refusals == {"": (refusal,)}
    lifted = replace(subject, lifted=frozenset({ALLOW}))
    assert guarded(plan, lifted, frozenset()).refusals == {}


def test_within_the_limit_or_without_one_nothing_is_refused(lab: Lab) -> None:
    for limit in (33, None):
        of = target(lab, limit)
        assert overspending(planned(of), of, ()) == ()


def test_what_changes_nothing_is_not_refused(lab: Lab) -> None:
    of = target(lab, 30)
    same = Plan("lab", {"zone": NoChange(of.stacks["zone"], {})})
    assert overspending(same, of, ()) == ()


def test_a_limit_need_not_be_written_in_a_file(lab: Lab) -> None:
    of = replace(target(lab, 30), places={})
    (refusal,) = overspending(planned(of), of, ())
    assert refusal.reason.endswith("cost.monthly_limit is 30")

"""Plans that a deployment would not carry out, as values; tests/cli carries out the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tapgen.deploy.flow.host import Recorder
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.fleet import Fleet
from tapgen.deploy.run.step import Choices
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.target.options import Options
from tapgen.deploy.target.run import Run
from tapgen.errors import RefusedError
from tapgen.model.plan import Blocked, NoChange, Pending, Plan, Refusal
from tapgen.operations.deployment import Planned, ask_and_do
from tests.deploy.run.test_fleet import data, targets_of

if TYPE_CHECKING:
    from tests.lab import Lab


def test_what_is_blocked_is_a_problem_but_no_refusal(lab: Lab) -> None:
    stack = lab.stack("data", {"Note": lab.note()})
    blocked = Blocked(stack, "UPDATE_ROLLBACK_FAILED", "it is stuck", "Recover it.")
    problem = Planned({"lab": Plan("lab", {"data": blocked})}).problem
    assert problem is not None
    assert (problem.exit_code, problem.hint) == (1, "Recover it.")
    assert problem.message == "blocked stacks cannot be deployed:\n  lab.data: it is stuck"


def test_all_refusals_of_all_environments_are_one_problem(lab: Lab) -> None:
    entry = NoChange(lab.stack("data", {"Note": lab.note()}), {})
    one, other = Refusal("bad", "Mend it.", option="--allow"), Refusal("worse", option="--allow")
    plans = {
        "dev": Plan("dev", {"data": entry}, refusals={"": (one,)}),
        "qa": Plan("qa", {"data": entry}, refusals={"data": (other, one)}),
        "prod": Plan("prod", {"data": entry}),
    }
    problem = Planned(plans).problem
    assert isinstance(problem, RefusedError)
    assert problem.message == (
        "3 changes are refused:\n  dev: bad\n  qa data: worse\n  qa data: bad"
    )
    assert problem.hint == "Mend it. If that is intended, say so: --allow"
    assert Planned({"prod": plans["prod"]}).problem is None


def unapproved(lab: Lab, *changed: str, reason: str = "") -> Fleet:
    """dev and qa, each with two approvals to ask for; those `changed` have something to do."""
    found = targets_of(lab, data(lab, "dev"), data(lab, "qa"))
    targets = [replace(one, options=Options(approvals=2)) for one in found]
    made = [Deployment(Run.on(one), one.graph, Choices(unapproved=reason)) for one in targets]
    fleet = Fleet(made, {}, targets[0].other)
    for one in targets:
        stack = one.stacks["data"]
        entry = Pending(stack, ()) if one.environment in changed else NoChange(stack, {})
        fleet.plans[one.environment] = Plan(one.environment, {"data": entry})
    return fleet


def test_each_environment_that_takes_approved_plans_only_is_named(lab: Lab) -> None:
    with pytest.raises(RefusedError) as refused:
        ask_and_do(unapproved(lab, "dev", "qa"), Recorder(), Interrupt(), None)
    assert refused.value.message == (
        "2 environments cannot continue:"
        "\n  dev: a change to dev needs a plan with 2 approvals (deployment.approvals)"
        "\n  qa: a change to qa needs a plan with 2 approvals (deployment.approvals)"
    )
    assert "`tapgen plan --env qa --out FILE" in refused.value.hint


def test_one_with_nothing_to_do_needs_no_approval(lab: Lab) -> None:
    with pytest.raises(RefusedError, match=r"^a change to qa needs a plan with 2 approvals"):
        ask_and_do(unapproved(lab, "qa"), Recorder(), Interrupt(), None)
    done = ask_and_do(unapproved(lab), Recorder(), Interrupt(), None)
    assert done.agreed


def test_in_an_emergency_it_is_asked_and_not_refused(lab: Lab) -> None:
    host = Recorder(answer=False)
    fleet = unapproved(lab, "qa", reason="the site is down")
    assert not ask_and_do(fleet, host, Interrupt(), None).agreed
    assert len(host.questions) == 1

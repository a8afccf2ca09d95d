"""Plans that a deployment would not carry out, as values; tests/cli carries out the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.errors import RefusedError
from tapgen.model.plan import Blocked, NoChange, Plan, Refusal
from tapgen.operations.deployment import Planned

if TYPE_CHECKING:
    from tests.lab import Lab


def test_what_is_blocked_is_a_problem_but_no_refusal(lab: Lab) -> None:
    stack = lab.stack("data", {"Note": lab.note()})
    blocked = Blocked(stack, "UPDATE_ROLLBACK_FAILED", "it is stuck", "Recover it.")
    problem = Planned({"lab": Plan("lab", {"data": blocked})}).problem
    assert problem is not None
    assert (problem.exit_code, problem.hint) == (1, "Recover it.")
    assert problem.message == "what is blocked cannot be deployed:\n  lab.data: it is stuck"


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
        "3 things are refused:\n  dev: bad\n  qa data: worse\n  qa data: bad"
    )
    assert problem.hint == "Mend it. If that is meant, say so: --allow"
    assert Planned({"prod": plans["prod"]}).problem is None

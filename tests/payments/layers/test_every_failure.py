"""Whichever resource of whichever layer fails, and whichever way: the advice names it and leads on.

What CloudFormation tells of a failure is made up here, so that each resource gets its turn in
milliseconds; test_matrix.py proves for real that the commands lead out of the status that they are
advised for, and test_failed_creations.py that a creation leaves nothing behind.
"""

from __future__ import annotations

import shlex
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from tapgen.aws.account import Connection
from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.cloudformation.watch import Watched
from tapgen.aws.errors import UnavailableError
from tapgen.aws.resources.retained import KINDS
from tapgen.cli.main import module_of
from tapgen.deploy.stack import rollouts
from tapgen.deploy.stack.failures import explain, not_done
from tapgen.deploy.stack.next_steps import mend_or_skip
from tapgen.deploy.target.run import Asked, Run
from tapgen.deploy.target.target import Target
from tapgen.model.deployed.events import ResourceEvent
from tapgen.payments.platform import PLATFORM
from tapgen.render.resolved import resolved_template
from tests.advice import advised
from tests.lab import CODE

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click

    from tapgen.model.deployed.events import Failed
    from tapgen.model.stack import Stack
    from tapgen.render.rendering import Rendered

STACK_ID: Final = "arn:aws:cloudformation:eu-west-1:333333333333:stack/s/1"


class Way(NamedTuple):
    """A way to fail: the resource's status, that of the stack, the verbs that are advised."""

    resource: str
    stack: str
    verbs: tuple[str, ...]


WAYS: Final = (
    Way("CREATE_FAILED", "ROLLBACK_COMPLETE", ("deploy",)),
    Way("CREATE_FAILED", "ROLLBACK_FAILED", ("deploy",)),
    Way("CREATE_FAILED", "UPDATE_ROLLBACK_COMPLETE", ("deploy",)),
    Way("UPDATE_FAILED", "UPDATE_ROLLBACK_COMPLETE", ("deploy",)),
    Way("UPDATE_FAILED", "UPDATE_ROLLBACK_FAILED", ("recover", "deploy")),
    Way("DELETE_FAILED", "DELETE_FAILED", ("destroy", "recover")),
)


@pytest.fixture(scope="module")
def run(rendered: Rendered) -> Run:
    stacks = rendered.stacks["prod"]
    return Run.on(Target.of(PLATFORM, stacks, CODE, Connection(local=True), " --local"))


@pytest.fixture(autouse=True)
def nothing_but_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CloudFormation, "failures", lambda *_: ())
    monkeypatch.setattr(rollouts, "last_deployment", lambda *_: None)
    monkeypatch.setattr(rollouts, "ringing", lambda *_: {})


def resources(run: Run) -> Iterator[tuple[Stack, str, str]]:
    """Each resource of each layer that the environment has, by its stack, name and type."""
    for stack in run.target.stacks.values():
        for name, body in resolved_template(stack)["Resources"].items():
            yield stack, name, body["Type"]


def failed(run: Run, stack: Stack, name: str, kind: str, way: Way) -> Failed:
    """What becomes of a stack of which one resource fails, and another is cancelled for it."""
    events = (
        _event(name, kind, way.resource, "out of luck"),
        _event("Other", "T", way.resource, "Resource creation cancelled"),
        _event(stack.name, "AWS::CloudFormation::Stack", way.stack),
    )
    watched = Watched(StackState(stack.name, way.stack, STACK_ID), events)
    if "destroy" in way.verbs:
        again = run.target.command("destroy", "--layer", stack.layer)
        return explain(run, stack, watched, mend_or_skip(run.target, stack, watched, again))
    run.state.asked = Asked("deploy", (f"--layer {stack.layer}", "--allow-unprotect"))
    return explain(run, stack, watched)


def _event(name: str, kind: str, status: str, reason: str = "") -> ResourceEvent:
    physical = STACK_ID if kind == "AWS::CloudFormation::Stack" else f"{name}-1"
    return ResourceEvent(f"{name}-{status}", name, physical, kind, status, reason)


def understood(line: str) -> tuple[Any, Any]:
    """Environments and layers that the command line takes from a command as it is printed."""
    verb, *arguments = shlex.split(line)
    command: click.Command = import_module(module_of(verb)).command
    taken = command.make_context(verb, arguments).params
    return taken["by_option"], taken["layers"]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.resource}, {way.stack}")
def test_whichever_resource_fails_is_named_and_two_commands_at_most_lead_on(
    run: Run, way: Way
) -> None:
    lines: dict[str, str] = {}
    for stack, name, kind in resources(run):
        outcome = failed(run, stack, name, kind, way)
        assert outcome.root_cause
        assert (outcome.root_cause.layer, outcome.root_cause.logical_id) == (stack.layer, name)
        commands = advised(outcome.hint)
        assert tuple(one.split()[0] for one in commands) == way.verbs, (name, outcome.hint)
        lines |= dict.fromkeys(commands, stack.layer)
    assert set(lines.values()) == run.target.stacks.keys()
    for line, layer in lines.items():
        assert understood(line) == (("prod",), (layer,))


def test_what_an_update_leaves_behind_is_taken_over_or_to_be_deleted_by_hand(run: Run) -> None:
    for stack, name, kind in resources(run):
        rollback = "UPDATE_ROLLBACK_IN_PROGRESS"
        events = (
            _event(name, kind, "CREATE_COMPLETE"),
            _event("Other", "T", "UPDATE_FAILED", "out of luck"),
            _event(stack.name, "AWS::CloudFormation::Stack", rollback),
            _event(name, kind, "DELETE_FAILED", "it is protected"),
        )
        state = StackState(stack.name, "UPDATE_ROLLBACK_COMPLETE", STACK_ID)
        outcome = explain(run, stack, Watched(state, events))
        left = f"{name} ({name}-1) was left outside the stack: "
        assert left in outcome.hint
        then = (
            "the next deployment takes it over"
            if name in stack.template.retained
            else "delete it by hand"
        )
        assert outcome.hint.partition(left)[2].startswith(then)


def test_whatever_is_kept_can_be_taken_over(run: Run) -> None:
    kept = {
        kind
        for stack, name, kind in resources(run)
        if stack.template.resources[name].get("DeletionPolicy", "").startswith("Retain")
    }
    assert "AWS::DynamoDB::Table" in kept
    assert kept <= KINDS.keys()


@pytest.mark.parametrize("verb", ["deploy", "destroy", "recover"])
def test_where_the_connection_breaks_one_command_leads_on(run: Run, verb: str) -> None:
    lost = UnavailableError("reading events: no answer", "Repeat the command; nothing was lost.")
    for layer in run.target.stacks:
        outcome = not_done(run, layer, lost, run.target.command(verb, "--layer", layer))
        (command,) = advised(outcome.hint)
        assert command.split()[0] == verb
        assert understood(command) == (("prod",), (layer,))

"""Reading the advice that tapgen prints, and doing what it says."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any, Final

from botocore import xform_name

from tapgen.deploy.rescue.recover import Recovery
from tapgen.model.deployed.events import RolledBack
from tapgen.model.deployed.stack_status import DeployAction, actions_for

if TYPE_CHECKING:
    from tapgen.aws.account import Account
    from tapgen.model.deployed.events import Outcome
    from tapgen.model.stack import Stack
    from tests.lab import Lab

_SPELLED: Final[dict[str, Any]] = {
    "list": list,
    "structure": lambda words: json.loads(" ".join(words)),
}
_COMMAND: Final = re.compile(r"`(\w+) ([^`]+)`")


def advised(text: str) -> list[str]:
    """The commands between backticks, without `tapgen`: each once, in the order of the text."""
    return told_commands(text, "tapgen")


def told_commands(text: str, program: str) -> list[str]:
    """The commands of a program between backticks, without its name: each once, in order."""
    found = [rest for name, rest in _COMMAND.findall(text) if name == program]
    return list(dict.fromkeys(found))


def call_aws(account: Account, command: str) -> Any:
    """Do what the AWS CLI does with a command whose options take strings, lists of them, or JSON.

    The AWS CLI is no dependency; like it, this reads botocore's model of the service.
    """
    service, operation, *rest = shlex.split(command)
    given: dict[str, list[str]] = {}
    for word in rest:
        if word.startswith("--"):
            values = given[word.removeprefix("--")] = []
        else:
            values.append(word)
    (region,) = given.pop("region")
    assert given.pop("endpoint-url", [None]) == [account.connection.endpoint_url]
    client = account.client(service, region)
    method = operation.replace("-", "_")
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
    members = {xform_name(name, "-"): name for name in model.input_shape.members}
    shapes = {name: model.input_shape.members[members[name]].type_name for name in given}
    arguments = {
        members[name]: _SPELLED.get(shapes[name], " ".join)(values)
        for name, values in given.items()
    }
    return getattr(client, method)(**arguments)


def follow(lab: Lab, stack: Stack, command: str) -> Outcome:
    """Run an advised command on a stack of the laboratory; gives what became of it."""
    verb, *options = shlex.split(command)
    assert options[:2] == ["--env", "lab"]
    assert options[-1] == "--local"
    given = options[2:-1]
    pairs = list(zip(given[::2], given[1::2], strict=True))
    layers = {value for option, value in pairs if option == "--layer"}
    assert layers <= {stack.layer}
    if verb == "recover":
        run = lab.run(stack)
        skips = frozenset(value for option, value in pairs if option == "--skip-resource")
        recovery = Recovery(run, run.target.graph, skips)
        if recovery.look():
            return recovery.carry_out()[stack.layer]
        # AWS has come to a good end by itself meanwhile, and the command says so.
        assert actions_for(lab.status(stack.layer)).deploy is not DeployAction.RECOVER
        return RolledBack()
    assert {option for option, _ in pairs} <= {"--layer"}
    ran = {"deploy": lab.deploy, "destroy": lab.destroy}[verb](stack)
    return ran.outcomes[stack.layer]

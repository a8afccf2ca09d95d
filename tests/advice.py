"""Reading the advice that tapgen prints, and doing what it says."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from tapgen.deploy.rescue.recover import Recovery

if TYPE_CHECKING:
    from tapgen.model.deployed.events import Outcome
    from tapgen.model.stack import Stack
    from tests.lab import Lab

_COMMAND: Final = re.compile(r"`tapgen ([^`]+)`")


def advised(text: str) -> list[str]:
    """The commands between backticks, without `tapgen`: each once, in the order of the text."""
    return list(dict.fromkeys(_COMMAND.findall(text)))


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
        assert recovery.look()
        return recovery.carry_out()[stack.layer]
    assert {option for option, _ in pairs} <= {"--layer"}
    ran = {"deploy": lab.deploy, "destroy": lab.destroy}[verb](stack)
    return ran.outcomes[stack.layer]

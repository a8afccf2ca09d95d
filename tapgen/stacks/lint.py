"""Lint: cfn-lint on every template with the values of each environment, and tapgen's own rules.

The only module that imports cfnlint, inside the functions that need it: that takes half a second.

What is found must not depend on the machine. So cfn-lint is kept from three things it would read
by itself: `.cfnlintrc` in the home and working folder, the region in AWS_REGION, and resource
schemas in the user's cache, which replace the bundled ones when they are newer.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tapgen.layers.registry import GLOBAL_REGION
from tapgen.stacks.cache import evidence
from tapgen.stacks.cache.memory import FORGETFUL, Memory
from tapgen.stacks.examples import input_values
from tapgen.stacks.findings import Finding, from_records, merged, records
from tapgen.stacks.render import Rendered
from tapgen.stacks.rules.checking import check
from tapgen.stacks.spreading import spread
from tapgen.stacks.stack import Stack
from tapgen.stacks.template import Template

if TYPE_CHECKING:
    from cfnlint.match import Match
    from cfnlint.rules import Rules

TEMPLATES_FOLDER: Final = "templates_out"
_SCHEMA_FOLDERS: Final = ("providers", "resources")


def lint(
    rendered: Rendered,
    folder: str = TEMPLATES_FOLDER,
    memory: Memory = FORGETFUL,
    processes: int = 1,
) -> tuple[Finding, ...]:
    """Everything that cfn-lint (all severities) and tapgen's own rules find, in order of place.

    `folder` is where the templates are written, for the paths of findings. Templates that no
    environment has a stack of are checked without values. What `memory` knows of a template with
    its values is not asked again; the rest is shared out to `processes`.
    """
    found = list(check(rendered, folder))
    unknown: dict[tuple[str, ...], Placed] = {}
    for template in rendered.templates.values():
        placed = Placed(template, _stacks(rendered, template))
        question = (folder, GLOBAL_REGION, template.text, *(s.to_json() for s in placed.stacks))
        answer = memory.recall(*question)
        if answer is None:
            unknown[question] = placed
        else:
            found += from_records(answer)
    if unknown:
        found += _asked(unknown, folder, memory, processes)
    return merged(found)


def _asked(
    unknown: Mapping[tuple[str, ...], Placed], folder: str, memory: Memory, processes: int
) -> list[Finding]:
    """What cfn-lint says, which is then kept."""
    evidence.watch("cfnlint")
    found: list[Finding] = []
    with _schemas_of_the_package(), _nothing_collected():
        linter = _Linter(folder)
        answers = spread(linter.findings, list(unknown.values()), processes)
    for question, (findings, files) in zip(unknown, answers, strict=True):
        found += findings
        evidence.rely_on(files)
        memory.note(records(findings), *question)
    memory.keep()
    return found


class Placed(NamedTuple):
    """A template with the stacks that are made of it."""

    template: Template
    stacks: Sequence[Stack]


def _stacks(rendered: Rendered, template: Template) -> list[Stack]:
    stacks = (stack for placed in rendered.stacks.values() for stack in placed)
    return [stack for stack in stacks if stack.layer == template.layer]


class _Linter:
    """cfn-lint with its rules loaded once (a quarter of a second) for all templates."""

    def __init__(self, folder: str) -> None:
        from cfnlint.runner import Runner

        self._folder = folder
        self._rules: Rules = Runner(_config(GLOBAL_REGION, [])).rules

    def findings(self, placed: Placed) -> tuple[list[Finding], set[str]]:
        """Check the template as each region sees it; also gives the files of code that it took."""
        return list(self._findings(*placed)), evidence.loaded()

    def _findings(self, template: Template, stacks: Sequence[Stack]) -> Iterator[Finding]:
        for region in dict.fromkeys([stack.region for stack in stacks] or [GLOBAL_REGION]):
            yield from self._in_region(
                template, region, [stack for stack in stacks if stack.region == region]
            )

    def _in_region(
        self, template: Template, region: str, stacks: Sequence[Stack]
    ) -> Iterator[Finding]:
        """Check with the values of all stacks at once, which takes no longer than with one's.

        Only where that finds something, each is checked alone to tell whose it is.
        """
        matches = self._run(template, region, stacks)
        if not matches:
            return
        own = [
            self._finding(template, match, stack.environment)
            for stack in stacks
            for match in self._run(template, region, [stack])
        ]
        yield from own or [self._finding(template, match) for match in matches]

    def _run(self, template: Template, region: str, stacks: Sequence[Stack]) -> list[Match]:
        from cfnlint.decode.decode import decode_str
        from cfnlint.runner import run_template_by_data

        decoded, faults = decode_str(template.text)
        if faults:
            return list(faults)
        return list(run_template_by_data(decoded, _config(region, stacks), self._rules))

    def _finding(self, template: Template, match: Match, *environments: str) -> Finding:
        path = getattr(match, "path", None) or [""]
        return Finding(
            f"{self._folder}/{template.layer}.json",
            match.linenumber,
            match.columnnumber,
            match.rule.id,
            match.rule.shortdesc,
            match.rule.severity,
            match.message,
            layer=template.layer,
            logical_id=str(path[1]) if path[0] == "Resources" and len(path) > 1 else "",
            environments=environments,
            source=f"tapgen/layers/{template.layer}.py",
            url=match.rule.source_url,
        )


def _config(region: str, stacks: Sequence[Stack]) -> Any:
    from cfnlint.config import ConfigMixIn, ManualArgs
    from cfnlint.context import ParameterSet

    return ConfigMixIn(
        ["--config-file", os.devnull],
        **ManualArgs(
            regions=[region],
            include_checks=["I"],
            parameters=[ParameterSet(None, _values(stack)) for stack in stacks],
        ),
    )


def _values(stack: Stack) -> dict[str, Any]:
    """Give the parameters of a stack as cfn-lint takes them: lists as lists."""
    declared = stack.template.parameters
    values = {**stack.parameters, **input_values(stack)}
    return {
        name: value.split(",") if "List" in declared[name]["Type"] else value
        for name, value in values.items()
    }


@contextmanager
def _schemas_of_the_package() -> Iterator[None]:
    import cfnlint
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER as MANAGER

    bundled = Path(cfnlint.__file__).parent / "data" / "schemas"
    before = MANAGER._providers_dir, MANAGER._resources_dir  # noqa: SLF001 - see below
    # There is no option for this. The version is pinned, and a test plants a newer cache.
    MANAGER._providers_dir, MANAGER._resources_dir = (  # noqa: SLF001 - see above
        bundled / name for name in _SCHEMA_FOLDERS
    )
    MANAGER.reset()
    try:
        yield
    finally:
        MANAGER._providers_dir, MANAGER._resources_dir = before  # noqa: SLF001 - see above
        MANAGER.reset()


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Keep the garbage collector from looking: a third less time, and memory lasts for a lint."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()

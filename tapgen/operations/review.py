"""Diff, lint and report: reviews that need only files, combined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tapgen.errors import TapgenError
from tapgen.project import Project, outputs_of

if TYPE_CHECKING:
    from tapgen.deploy.flow.host import Host
    from tapgen.model.release import Release
    from tapgen.model.stack import Stack
    from tapgen.render.rendering import Rendered
    from tapgen.review.cost.change import CostChange
    from tapgen.review.cost.lines import Estimate
    from tapgen.review.diff.causes import Stale
    from tapgen.review.diff.comparison import Stacks
    from tapgen.review.diff.report import Comparison
    from tapgen.review.lint.explaining import Explanation
    from tapgen.review.lint.findings import Finding
    from tapgen.review.lint.remembered import Verdict
    from tapgen.review.report import NotCompared, Report
    from tapgen.settings.environment import Environment

DEPLOYED: Final = "deployed"
_RELEASES: Final = 10  # of each environment, the newest, in a report


def diff(  # noqa: PLR0913 - all but the first three have names and defaults
    project: Project,
    environments: Sequence[str],
    host: Host,
    *,
    against: str | None = None,
    folder: Path | None = None,
    with_costs: bool = False,
) -> Comparison:
    """Predict what a change does to each resource, without asking AWS.

    - `project`: the project of the environments.
    - `environments`: names; all if empty.
    - `host`: receives what could not be compared; it is asked nothing.
    - `against`: what to compare with: "deployed" (this does ask AWS), another environment, or a git
      revision; by default the commit where the branch left the main branch.
    - `folder`: the folder in which rendered files are committed, by default the project's.
    - `with_costs`: also estimate what the change adds to the monthly cost of environments.

    Returns the differences, by environment and stack, each with its effect.

    Raises `TapgenError` if there is nothing to compare with, `EnvironmentFaults` if the settings
    are wrong.
    """
    from tapgen.review.diff.causes import Context
    from tapgen.review.diff.comparison import compare
    from tapgen.review.diff.report import Comparison
    from tapgen.review.diff.snapshot import snapshot
    from tapgen.review.sources import in_sources

    folder = folder or project.templates
    chosen = project.environments(environments)
    rendered = project.rendered(chosen)
    after: dict[str, Stacks] = {
        name: {stack.layer: snapshot(stack) for stack in stacks}
        for name, stacks in rendered.stacks.items()
    }
    label, before, stale = before_of(project, against, after, folder, host)
    other = against if against in project.names() else None
    if not environments and against != DEPLOYED and not other:
        # also environments that no longer exist
        after |= {name: {} for name in before if name not in after}
    sources = {environment.name: environment.sources for environment in chosen}
    prefix = f"{folder.as_posix()}/"
    shown = in_sources(rendered, folder.as_posix())
    diffs = {
        name: compare(
            name,
            before.get(name, {}),
            stacks,
            Context(sources.get(name, {}), prefix, other, stale.get(name, {}), shown),
        )
        for name, stacks in after.items()
    }
    costs = _cost_changes(project, chosen, before, after) if with_costs else {}
    return Comparison(label, diffs, prefix, costs)


def _cost_changes(
    project: Project,
    chosen: Sequence[Environment],
    before: Mapping[str, Stacks],
    after: Mapping[str, Stacks],
) -> dict[str, CostChange]:
    """The change in each environment's cost, with the usage in today's settings, if any."""
    from tapgen.review.cost.basis import basis_of
    from tapgen.review.cost.change import cost_change
    from tapgen.review.cost.quantities import Usage

    basis = basis_of(project.platform)
    usage = {one.name: Usage.of(one.settings.cost) for one in chosen}

    def stacks(side: Mapping[str, Stacks], name: str) -> list[Stack]:
        return [one.stack for one in side.get(name, {}).values()]

    return {
        name: cost_change(
            stacks(before, name), stacks(after, name), usage.get(name, Usage()), basis
        )
        for name in after
    }


@dataclass(frozen=True)
class Scanners:
    """Security scanners to run as well: `guard` are Guard rules, `checkov` is checkov's report."""

    guard: tuple[Path, ...] = ()
    checkov: Path | None = None


def lint(
    project: Project, environments: Sequence[str] = (), *, scanners: Scanners | None = None
) -> Verdict:
    """Check settings, templates and stacks with cfn-lint and the rules of tapgen and the platform.

    What has not changed since the last run is not checked again, if the project remembers.

    - `project`: the project of the environments.
    - `environments`: names; all if empty.
    - `scanners`: security scanners to run as well.

    Returns the findings. Faults in settings are findings too, and are not raised.

    Raises `MissingExtraError` if a scanner is not installed.
    """
    from tapgen.review.lint.remembered import Linting

    folder = project.templates
    past = Linting(project.store(), project.platform, project.envs, environments, folder)
    verdict = None if scanners else past.verdict()
    if verdict is not None:
        return verdict
    from tapgen.review.lint.cfn_lint.linter import checker
    from tapgen.review.lint.workers import processors

    with checker(processors()) as cfn_lint:  # loads while the rest is done
        from tapgen.review.lint.cost_findings import lint_costs
        from tapgen.review.lint.lint import lint as check
        from tapgen.review.lint.settings_findings import lint_settings

        valid, faults = lint_settings(
            project.envs, project.platform, tuple(environments), outputs_of
        )
        rendered = project.rendered(valid)
        found = (
            *faults,
            *lint_costs(valid, rendered.stacks),
            *check(rendered, folder.as_posix(), memory=past.templates, cfn_lint=cfn_lint),
        )
        verdict = past.keep(found, rendered)
    if scanners is None:
        return verdict
    from tapgen.review.lint.scanners.scanning import scan

    return verdict.with_more(
        scan(
            rendered,
            folder.as_posix(),
            guard=scanners.guard,
            checkov=scanners.checkov,
            complete=not environments and not faults,
        )
    )


def explain(project: Project, rule: str) -> Explanation:
    """Explain what a rule of tapgen or of the platform requires, and why.

    - `project`: the project of the platform.
    - `rule`: the id or the name of the rule, "T024" or "tls-only".

    Returns its text as Markdown, with a template that breaks it and the fix.

    Raises `UsageError` if there is no such rule.
    """
    from tapgen.review.lint.explaining import explanation

    return explanation(project.platform, rule)


def report(  # noqa: PLR0913 - all but the first three have names and defaults
    project: Project,
    environments: Sequence[str],
    host: Host,
    *,
    against: str | None = None,
    folder: Path | None = None,
    with_lint: bool = True,
    with_history: bool = False,
) -> Report:
    """Combine impact, costs, findings, parity and layers of environments into one value.

    - `project`: the project of the environments.
    - `environments`: names; all if empty.
    - `host`: receives what could not be compared; it is asked nothing.
    - `against`: what to compare with, as in `diff`.
    - `folder`: the folder in which rendered files are committed, by default the project's.
    - `with_lint`: include the findings of `lint`.
    - `with_history`: include the newest releases; this asks AWS.

    Returns the report, which `tapgen report` shows as one page.

    Raises `EnvironmentFaults` if the settings are wrong, `TapgenError` if `against` is given and
    cannot be compared with.
    """
    from tapgen.review.parity.comparison import compare
    from tapgen.review.parity.matrix import matrix
    from tapgen.review.report import Report

    folder = folder or project.templates
    chosen = project.environments(environments)
    rendered = project.rendered(chosen)
    parity = compare(project.platform, rendered.stacks)
    findings = _findings(project, rendered, folder) if with_lint else None
    impact = _impact(project, environments, host, against, folder)
    costs = _costs(project, chosen, rendered, impact)
    history = _releases(project, [one.name for one in chosen]) if with_history else None
    return Report(
        chosen, matrix(chosen, rendered, parity), parity, findings, impact, costs, history
    )


def _releases(project: Project, names: Sequence[str]) -> dict[str, tuple[Release, ...] | str]:
    """The newest releases of each environment, or why they cannot be read."""
    from tapgen.operations.record.releases import History, history

    try:
        found = history(project, names, most=_RELEASES)
    except TapgenError as error:
        return dict.fromkeys(names, f"{error}. {error.hint}".rstrip())
    return {
        name: one.releases if isinstance(one, History) else f"{one}. {one.hint}".rstrip()
        for name, one in found.items()
    }


def _costs(
    project: Project,
    chosen: Sequence[Environment],
    rendered: Rendered,
    impact: Comparison | NotCompared,
) -> dict[str, Estimate]:
    """The present costs of environments, which a comparison already has."""
    from tapgen.review.cost.basis import basis_of
    from tapgen.review.cost.estimate import estimate
    from tapgen.review.cost.quantities import Usage
    from tapgen.review.report import NotCompared

    if not isinstance(impact, NotCompared):
        return {one.name: impact.costs[one.name].after for one in chosen}
    basis = basis_of(project.platform)
    return {
        one.name: estimate(rendered.stacks[one.name], Usage.of(one.settings.cost), basis)
        for one in chosen
    }


def _findings(project: Project, rendered: Rendered, folder: Path) -> tuple[Finding, ...]:
    """The findings of `lint`, with its memory of single templates."""
    from tapgen.review.lint.cfn_lint.linter import checker
    from tapgen.review.lint.lint import lint
    from tapgen.review.lint.remembered import of_templates
    from tapgen.review.lint.workers import processors

    known = of_templates(project.store(), project.platform)
    with checker(processors()) as cfn_lint:
        return lint(rendered, folder.as_posix(), known, cfn_lint)


def _impact(
    project: Project, names: Sequence[str], host: Host, against: str | None, folder: Path
) -> Comparison | NotCompared:
    """The impact of the change, or why it is missing if there is no default to compare with."""
    from tapgen.review.report import NotCompared

    try:
        return diff(project, names, host, against=against, folder=folder, with_costs=True)
    except TapgenError as error:
        if against is not None:
            raise
        note = f"note: the report does not show the impact of a change: {error}\n{error.hint}"
        _remark(host, note.rstrip())
        return NotCompared(str(error))


def before_of(
    project: Project,
    against: str | None,
    after: Mapping[str, Stacks],
    folder: Path,
    host: Host,
) -> tuple[str, Mapping[str, Stacks], Mapping[str, Stale]]:
    """The other side of a comparison: its name, its stacks, and their stale inputs."""
    if against == DEPLOYED:
        return "what is deployed", *_deployed(project, after, host)
    if against in project.names():
        return f"the environment {against}", _other(project, str(against), after), {}
    return *_committed(project, against, folder, host), {}


def _committed(
    project: Project, against: str | None, out: Path, host: Host
) -> tuple[str, Mapping[str, Stacks]]:
    from tapgen.review.diff import revision
    from tapgen.review.diff.snapshot import from_files

    folder = project.folder
    found = revision.revision(folder, against) if against else revision.merge_base(folder)
    files = revision.files(folder, found.commit, out.absolute())
    if not files:
        _remark(
            host,
            f"{out.as_posix()} is empty at {found.label}, so every stack counts as added. Name "
            "another folder with --templates.",
        )
    return found.label, from_files(files, f"{found.label}: ")


def _other(project: Project, name: str, after: Mapping[str, Stacks]) -> Mapping[str, Stacks]:
    """The other environment's stacks for each compared environment, with the latter's identity."""
    from tapgen.review.diff.snapshot import snapshot

    (stacks,) = project.rendered(project.environments([name])).stacks.values()
    others = {stack.layer: snapshot(stack) for stack in stacks}
    return {
        environment: {
            layer: other.as_if_in(own[layer]) if layer in own else other
            for layer, other in others.items()
        }
        for environment, own in after.items()
    }


def _deployed(
    project: Project, names: Iterable[str], host: Host
) -> tuple[Mapping[str, Stacks], Mapping[str, Stale]]:
    from tapgen.deploy.observe.snapshots import deployed_snapshots

    stacks: dict[str, Stacks] = {}
    stale: dict[str, Stale] = {}
    for name in names:
        stacks[name], found = deployed_snapshots(project.target(name))
        stale[name] = found.stale
        for other, why in found.unread.items():
            _remark(host, f"note: values that {name} reads from {other} are not compared: {why}")
    return stacks, stale


def _remark(host: Host, text: str) -> None:
    from tapgen.deploy.flow.events import Remark

    host.tell(Remark(text))

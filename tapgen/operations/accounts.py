"""Preparing accounts: the baseline with the roles to review, deploy and approve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tapgen.aws.accounts import Accounts
from tapgen.aws.baseline.identity_providers import identity_provider
from tapgen.aws.baseline.staging import StagingBucket
from tapgen.deploy.bootstrap.check import Checked, checked, settings_for
from tapgen.deploy.bootstrap.placement import (
    PLATFORM,
    PROVIDER,
    Told,
    baseline_of,
    placed,
    spelled,
)
from tapgen.deploy.flow.host import Host
from tapgen.deploy.run.fleet import Fleet
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.deployed.stack_status import usable
from tapgen.model.layer import OutputRef
from tapgen.model.stack import Stack
from tapgen.model.templates.template import Template
from tapgen.operations.deployment import (
    Deployed,
    How,
    Planned,
    ask_and_do,
    only_planned,
    plan_all,
    run_over,
)
from tapgen.project import Project
from tapgen.render.bootstrap.template import LAYER
from tapgen.render.bootstrap.trust import Ci
from tapgen.render.code.function_package import Code
from tapgen.settings.environment import Environment


@dataclass(frozen=True)
class Baseline:
    """The baseline of a project: its template, and the values of its parameters by environment."""

    template: Template
    parameters: Mapping[str, Mapping[str, str]]


def bootstrap(
    project: Project,
    environments: Sequence[str],
    host: Host,
    how: How | None = None,
    *,
    approvers: Sequence[str] = (),
) -> Deployed:
    """Prepare accounts: create the roles, ledger and key to review, deploy and approve with.

    Creates one stack for each environment, by change set; needs an administrator's credentials.

    - `project`: the project of the environments.
    - `environments`: names, one or several.
    - `host`: receives the events, and is asked before anything is executed.
    - `how`: how it is executed, see `How`.
    - `approvers`: who may approve, instead of the approvers in the configuration.

    Returns the plans, and the outcome of each stack. Accounts that need no change are left alone.

    Raises `TapgenError` if the project does not say whose CI is trusted; otherwise like `deploy`.
    """
    how = how or How()
    with _held(project, environments, host, how, approvers) as fleet:
        plan_all(fleet, host)
        # This creates the ledger, so there is no record of it.
        return ask_and_do(fleet, host, how.interrupt, None, question="Prepare {} like this?")


def plan_bootstrap(
    project: Project,
    environments: Sequence[str],
    host: Host,
    how: How | None = None,
    *,
    approvers: Sequence[str] = (),
) -> Planned:
    """Show what `bootstrap` would do, by creating change sets and deleting them again.

    - `project`: the project of the environments.
    - `environments`: names, one or several.
    - `host`: receives the events; it is asked nothing.
    - `how`: how it would be executed, see `How`.
    - `approvers`: as for `bootstrap`.

    Returns the plans.

    Raises `TapgenError` if the project does not say whose CI is trusted, or an account cannot be
    planned.
    """
    how = how or How()
    with _held(project, environments, host, how, approvers) as fleet:
        return only_planned(fleet, host)


def check_bootstrap(
    project: Project, environments: Sequence[str], *, approvers: Sequence[str] = ()
) -> dict[str, Checked]:
    """Compare accounts with what `bootstrap` creates, and report what is missing or different.

    - `project`: the project of the environments.
    - `environments`: names; all if empty.
    - `approvers`: as for `bootstrap`.

    Returns the findings, by environment.

    Raises `TapgenError` if the project does not say whose CI is trusted, or AWS does not answer.
    """
    found = {one.name: one for one in project.environments(environments)}
    targets = _targets(project, list(found), approvers)
    for target in targets:
        target.verify_account()
    return {
        target.environment: checked(
            found[target.environment], target.stacks[LAYER], target.describe(LAYER)
        )
        for target in targets
    }


def settings_of(project: Project, environments: Sequence[str]) -> dict[str, dict[str, str]]:
    """The settings that environments need for their baselines and do not have."""
    return {one.name: settings_for(one) for one in project.environments(environments)}


def bootstrap_template(
    project: Project, environments: Sequence[str], *, approvers: Sequence[str] = ()
) -> Baseline:
    """Render what `bootstrap` creates as a CloudFormation StackSets template, without asking AWS.

    - `project`: the project of the baseline.
    - `environments`: the environments to return parameter values for; all if empty.
    - `approvers`: as for `bootstrap`.

    Returns the template, which every account shares, and the parameters of each environment. As no
    account is asked, the parameters let each account create the identity provider of its CI.

    Raises `TapgenError` if the project does not say whose CI is trusted.
    """
    stacks = _stacks(project, project.environments(environments), _told(project, approvers))
    (template,) = {stack.template for stack in stacks.values()}
    return Baseline(template, {name: stack.parameters for name, stack in stacks.items()})


def _told(project: Project, approvers: Sequence[str]) -> Told:
    told = {
        name.removeprefix(f"{LAYER}."): value.value
        for name, value in project.configuration.values.items()
        if name.startswith(f"{LAYER}.")
    }
    if not told["repository"]:
        raise TapgenError(
            "the project does not say which repository's CI may deploy it",
            f'Write `{LAYER}.repository = "OWNER/NAME"` below [tool.tapgen] in its pyproject.toml, '
            "or in its tapgen.toml.",
        )
    return Told(
        told["repository"],
        Ci(told["issuer"], told["audience"], told["deploying"], told["reviewing"]),
        tuple(approvers or told["approvers"]),
        told["ledger_days"],
        told["ledger_mode"],
    )


def _stacks(project: Project, chosen: Sequence[Environment], told: Told) -> dict[str, Stack]:
    """The baseline in each chosen environment; its template depends on all environments."""
    everyone = project.environments()
    rendered = project.rendered(everyone).stacks
    template = baseline_of(project.platform, rendered, told.ci)
    return {one.name: placed(template, one, rendered[one.name], told) for one in chosen}


def _targets(
    project: Project, environments: Sequence[str], approvers: Sequence[str]
) -> list[Target]:
    told = _told(project, approvers)
    chosen = project.environments(environments)
    stacks = _stacks(project, chosen, told)
    accounts = Accounts()
    opened: dict[str, Target] = {}

    def opened_as(name: str, stack: Stack) -> Target:
        target = Target.of(
            PLATFORM,
            [stack],
            Code(()),
            project.connection(name),
            project.suffix,
            lambda other: opened[other],
            accounts,
        )
        staging = StagingBucket(target.account, stack.region, f"{stack.name}")
        return replace(target, staging=staging, spelled=spelled)

    for name, stack in stacks.items():
        opened[name] = opened_as(name, stack)
        opened[name].account.sign_in()
    for name, provider in _providers(list(opened.values()), told.ci).items():
        stack = stacks[name]
        if isinstance(provider, OutputRef):
            values = {key: value for key, value in stack.parameters.items() if key != PROVIDER}
            stack = replace(stack, parameters=values, inputs={PROVIDER: provider})
        else:
            stack = replace(stack, parameters={**stack.parameters, PROVIDER: provider})
        opened[name] = opened_as(name, stack)
    return list(opened.values())


def _providers(targets: Sequence[Target], ci: Ci) -> dict[str, str | OutputRef]:
    """Environment -> its account's identity provider, or who creates it; "" if it does itself.

    An account can have only one per address, so the first of several environments creates it.
    Raises `TapgenError` if an existing one does not accept the audience.
    """
    made: dict[str, str] = {}
    found: dict[str, str | OutputRef] = {}
    for target in targets:
        target.verify_account()
        account, name = target.account.account_id, target.environment
        state = target.describe(LAYER)
        region = target.region_of(target.stacks[LAYER])
        if usable(state.status) and (state.parameters or {}).get(PROVIDER) == "":
            found[name] = ""
            made.setdefault(account, name)
        elif known := identity_provider(region, ci.issuer):
            if ci.audience not in known.audiences:
                command = region.cli(
                    "iam add-client-id-to-open-id-connect-provider "
                    f"--open-id-connect-provider-arn {known.arn} --client-id {ci.audience}"
                )
                raise TapgenError(
                    f"{name}: the identity provider {known.arn} does not accept tokens for "
                    f"{ci.audience}",
                    f"Add the audience: `{command}`.",
                )
            found[name] = known.arn
        elif account in made:
            found[name] = OutputRef(LAYER, "IdentityProviderArn", environment=made[account])
        else:
            found[name] = ""
            made[account] = name
    return found


@contextmanager
def _held(
    project: Project, environments: Sequence[str], host: Host, how: How, approvers: Sequence[str]
) -> Iterator[Fleet]:
    """The run over the baselines, with its locks; its staging buckets are deleted afterwards."""
    targets = _targets(project, environments, approvers)
    fleet = run_over(targets, (), how, {}, project.other)
    try:
        with fleet.held(LAYER, host, look_first=not how.choices.full):
            yield fleet
    finally:
        for staging in [target.staging for target in targets if target.staging]:
            staging.remove()

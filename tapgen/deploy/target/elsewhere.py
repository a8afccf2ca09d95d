"""Inputs that are read from elsewhere: their faults, and what to do about them.

They are outputs of other environments, and parameters of Systems Manager.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from tapgen.aws.parameters import SECURE, Parameter
from tapgen.aws.secret_store import stored_secret
from tapgen.errors import TapgenError
from tapgen.model.changes.secrets import MASK, secret_parameters
from tapgen.model.graph import ancestors
from tapgen.model.layer import ParameterRef, Source
from tapgen.model.stack import Stack
from tapgen.model.templates.parameter_values import value_faults
from tapgen.settings.faults import Fault
from tapgen.settings.fields import Field, fields
from tapgen.settings.parsing.values import misfit

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target


def refuse_unreadable(target: Target, layers: Iterable[str]) -> None:
    """Raise `TapgenError` with all faults of parameters and secrets that settings refer to.

    Faults of a parameter of Systems Manager: it does not exist, is secret, or its value does not
    fit the setting. Faults of a secret, whose value is never read: it does not exist, is to be
    deleted, or lacks the version.
    """
    stacks = [target.stacks[layer] for layer in layers]
    wanted = [one for stack in stacks for one in stack.read_parameters]
    found = target.parameters(wanted) if wanted else {}
    faults = [one for stack in stacks for one in _parameter_faults(target, stack, found)]
    _raise([*faults, *(one for stack in stacks for one in _secret_faults(target, stack))])


def refuse_unfit(target: Target, stack: Stack, parameters: Mapping[str, str]) -> None:
    """Raise `TapgenError` if a value that is read from elsewhere does not fit the setting."""
    _raise(
        fault
        for name, source in stack.read_inputs.items()
        for fault in _unfit(target, stack, name, source, parameters[name])
    )


def not_deployed(
    target: Target,
    layer: str,
    missing: Sequence[Source],
    again_with: Callable[[Collection[str]], str],
) -> TapgenError:
    """The error for a layer whose inputs do not exist.

    `again_with` returns the command that does the same with more layers.
    """
    own = {source.layer for source in missing if not source.elsewhere}
    again = again_with(own.union(*(ancestors(target.graph, name) for name in own)))
    others = sorted({(s.environment, s.layer) for s in missing if s.environment})
    first = [f"`{target.other(name).command('deploy', '--layer', of)}`" for name, of in others]
    gone = [source for source in missing if isinstance(source, ParameterRef)]
    first += [_making(target, source, None) for source in gone]
    return TapgenError(
        f"{layer} needs {', '.join(map(str, missing))}, which "
        f"{'does not exist' if len(gone) == len(missing) else 'is not deployed'}",
        f"First {' and '.join(first)}, then `{again}`."
        if first
        else f"`{again}` deploys {', '.join(sorted(own))} too.",
    )


def outputs_elsewhere(target: Target, stack: Stack) -> dict[str, Mapping[str, str]]:
    """Producer ("prod.zone", `PARAMETER_STORE`) -> its current outputs."""
    producers = dict.fromkeys(source.producer for source in stack.read_inputs.values())
    return {producer: target.outputs(producer) or {} for producer in producers}


def changed_since(target: Target, stack: Stack, before: Mapping[str, str]) -> Iterator[str]:
    """The values read from elsewhere that differ from `before`, in words."""
    outputs = outputs_elsewhere(target, stack)
    for name, source in stack.read_inputs.items():
        old, now = before.get(name), outputs[source.producer].get(source.output)
        if old not in {now, MASK}:
            nothing = "missing" if isinstance(source, ParameterRef) else "not deployed"
            yield f"{source} was {old}, is {nothing if now is None else now}"


def _raise(faults: Iterable[Fault]) -> None:
    told = list(dict.fromkeys(map(str, faults)))
    if told:
        raise TapgenError(
            "\n".join(told), "Correct them in AWS or in the settings; then run the command again."
        )


def _parameter_faults(
    target: Target, stack: Stack, found: Mapping[str, Parameter]
) -> Iterator[Fault]:
    declared = fields(target.platform)
    for name, source in stack.read_inputs.items():
        if not isinstance(source, ParameterRef):
            continue
        setting = stack.template.settings[name]
        parameter = found.get(source.output)
        if parameter is None:
            where = f"account {target.account.account_id}, {target.home_region}"
            todo = _making(target, source, declared.get(setting))
            yield _fault(target, setting, f"there is no parameter {source.output} in {where}", todo)
        elif parameter.type == SECURE:
            yield _fault(
                target,
                setting,
                f"{source.output} is a {SECURE}, but everyone who may see the stack can read the "
                "value of a stack's parameter",
                "create a parameter of the type String; for a secret, use a setting that accepts "
                "{secret: ...}",
            )
        else:
            yield from _unfit(target, stack, name, source, parameter.value)


def _secret_faults(target: Target, stack: Stack) -> Iterator[Fault]:
    """Faults of secrets, which CloudFormation reads in the stack's own account and region."""
    for parameter, secret, version in stack.read_secrets:
        setting = stack.template.settings[parameter]
        found = stored_secret(target.account, stack.region, secret)
        where = f"in account {target.account.account_id}, {stack.region}"
        name = ["--secret-id", secret]
        if found is None:
            making = ["--name", secret, "--secret-string", "file://FILE"]
            todo = _cli(target, stack.region, "secretsmanager create-secret", *making)
            yield _fault(
                target, setting, f"there is no secret {secret} {where}", f"{todo} creates it"
            )
        elif found.dying:
            todo = _cli(target, stack.region, "secretsmanager restore-secret", *name)
            message = f"the secret {secret} {where} is scheduled for deletion"
            yield _fault(target, setting, message, f"{todo} keeps it")
        elif version and version not in found.versions:
            todo = _cli(target, stack.region, "secretsmanager list-secret-version-ids", *name)
            message = f"the secret {secret} {where} has no version {version}"
            yield _fault(target, setting, message, f"{todo} lists its versions")


def _unfit(target: Target, stack: Stack, name: str, source: Source, value: str) -> Iterator[Fault]:
    """Faults of a value according to the setting's declaration, or else the template's."""
    template = stack.template
    setting = template.settings[name]
    field = fields(target.platform).get(setting)
    secret = name in secret_parameters(template)
    if field and (fault := misfit(value, field)):
        told = "its value does not fit the setting" if secret else fault
        yield _fault(target, setting, f"{source}: {told}", "")
        return
    for fault in value_faults(template.parameters[name], value):
        told = MASK if secret else repr(value)
        yield _fault(target, setting, f"{source} is {told}, which {fault}", "")


def _fault(target: Target, setting: str, message: str, hint: str) -> Fault:
    return Fault(target.places.get(setting), setting, message, hint)


def _making(target: Target, source: ParameterRef, field: Field | None) -> str:
    """How to create a parameter."""
    if source.name != source.output:
        verb, rest = "ssm get-parameter-history", ["--name", source.name]
        return (
            "name an existing version or label; "
            f"{_cli(target, target.home_region, verb, *rest)} lists them"
        )
    rest = ["--type", "String", "--name", source.name, "--value", _example(field)]
    return f"{_cli(target, target.home_region, 'ssm put-parameter', *rest)} creates it"


def _cli(target: Target, region: str, verb: str, *options: str) -> str:
    """A command of the AWS CLI that reaches the environment's account as this run does."""
    connection = target.account.connection
    profile = ["--profile", connection.profile] if connection.profile else []
    shell = target.command("local env").removesuffix(" --local")
    before = f'eval "$({shell})" && ' if connection.local else ""
    command = shlex.join(["aws", *verb.split(), "--region", region, *profile, *options])
    return f"`{before}{command}`"


def _example(field: Field | None) -> str:
    if field and field.choices:
        return str(field.choices[0])
    return field.form.example if field and field.form else "VALUE"

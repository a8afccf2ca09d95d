"""The stacks of earlier releases, restored from the ledger: records, templates, code.

Git is not used, and nothing is rendered. Everything that is missing, damaged or of another
environment is reported together, before anything is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Final

from tapgen.deploy.plan.plan_shape import stack_misfits
from tapgen.deploy.record.ledger import Ledger, code_key, template_key
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.changes.secrets import unknown_values
from tapgen.model.graph import order
from tapgen.model.layer import OutputRef, Source, source_of
from tapgen.model.rollback import Declared
from tapgen.model.stack import PROTECTION_SETTING, Stack
from tapgen.model.templates.template import Template
from tapgen.render.code.function_package import Code
from tapgen.review.declared import faults

_OFF_ON: Final = ("false", "true")


def restored(
    target: Target, ledger: Ledger, declared: Mapping[str, Declared]
) -> tuple[Target, tuple[str, ...]]:
    """The target with these layers as they were declared, and notes.

    Protection is the current one. Other layers stay as they are declared now. Secrets, which no
    record contains, stay as deployed: they are masked, and a change set keeps them.

    Raises `TapgenError` with everything that prevents it.
    """
    _refuse(_misfits(target, declared), ledger)
    templates = _templates(ledger, declared)
    stacks = {
        layer: _stack(target, layer, one, templates[layer]) for layer, one in declared.items()
    }
    codes = _codes(ledger, stacks)
    stacks = _in_order({**target.stacks, **stacks})
    _refuse(faults(stacks, declared), ledger)
    code = next(iter(codes.values()), target.code)
    made = replace(target, stacks=stacks, code=code, codes=codes, places={})
    return _with_secrets(made, target)


def _misfits(target: Target, declared: Mapping[str, Declared]) -> Iterator[str]:
    """Faults of the records themselves."""
    for layer, one in declared.items():
        found = [*stack_misfits(one.stack, "stack")]
        if not found:
            own = {"name": f"{target.prefix}-{layer}", "account_id": target.account.account_id}
            found = [
                f"stack.{name} is {one.stack[name]}, but here it is {value}"
                for name, value in own.items()
                if one.stack[name] != value
            ]
        if found:
            yield f"{layer}: the record of release {one.release}: {'; '.join(found)}"


def _templates(ledger: Ledger, declared: Mapping[str, Declared]) -> dict[str, Template]:
    keys = {layer: template_key(one.stack["template_sha256"]) for layer, one in declared.items()}
    contents = ledger.contents(keys.values())
    found: dict[str, Template] = {}
    damages = []
    for layer, key in keys.items():
        content, wanted = contents[key], declared[layer].stack["template_sha256"]
        fault = _damage(key, content, sha256(content or b"").hexdigest() == wanted)
        if content is None or fault:
            damages.append(f"{layer}: its template: {fault}")
        else:
            found[layer] = Template(layer, content.decode())
    _refuse(damages, ledger)
    return found


def _codes(ledger: Ledger, stacks: Mapping[str, Stack]) -> dict[str, Code]:
    """Layer -> its function code."""
    hashes = {
        layer: Code.sha256_of(stack.parameters.get(stack.code_parameter, ""))
        for layer, stack in stacks.items()
        if stack.code_parameter
    }
    contents = ledger.contents(code_key(each) for each in hashes.values())
    found: dict[str, Code] = {}
    damages = []
    for layer, wanted in hashes.items():
        key = code_key(wanted)
        content = contents[key]
        code = _unzipped(content or b"")
        fault = _damage(key, content, code is not None and code.sha256 == wanted)
        if code is None or fault:
            damages.append(f"{layer}: its code: {fault}")
        else:
            found[layer] = code
    _refuse(damages, ledger)
    return found


def _unzipped(content: bytes) -> Code | None:
    try:
        return Code.unzipped(content)
    except ValueError:
        return None


def _damage(key: str, content: bytes | None, intact: bool) -> str:
    if content is None:
        return f"{key} does not exist"
    return "" if intact else f"{key} was changed: its SHA-256 is different"


def _stack(target: Target, layer: str, one: Declared, template: Template) -> Stack:
    """The stack of a record, with the current protection.

    `--rollout` of this run replaces the recorded value, if it is given.
    """
    record, today = one.stack, target.stacks.get(layer)
    alike = today or next(iter(target.stacks.values()))
    parameters = dict(record["parameters"])
    if protection := template.parameter_of(PROTECTION_SETTING):
        parameters[protection] = _OFF_ON[alike.protected]
    rollout, way = template.parameter_of(target.platform.rollout), target.options.rollout
    if rollout and way:
        parameters[rollout] = way
    return Stack(
        environment=target.environment,
        layer=layer,
        name=record["name"],
        account_id=record["account_id"],
        region=record["region"],
        template=template,
        parameters=parameters,
        inputs={
            name: _source(text, template.parameters.get(name, {}))
            for name, text in record["inputs"].items()
        },
        tags=record["tags"],
        protected=alike.protected,
        deadline_minutes=alike.deadline_minutes,
        examples=alike.examples,
    )


def _source(text: str, parameter: Mapping[str, object]) -> Source:
    """The source of an input; it is optional if the parameter has a default."""
    source = source_of(text)
    if isinstance(source, OutputRef) and not source.elsewhere:
        return replace(source, optional="Default" in parameter)
    return source


def _in_order(stacks: Mapping[str, Stack]) -> dict[str, Stack]:
    """The stacks in dependency order."""
    graph = {layer: stack.dependencies & stacks.keys() for layer, stack in stacks.items()}
    return {layer: stacks[layer] for layer in order(graph)}


def _with_secrets(made: Target, today: Target) -> tuple[Target, tuple[str, ...]]:
    """The target with the known values of secret parameters, and a note for each.

    AWS returns the values of parameters without NoEcho; the others stay masked. If nothing is
    deployed, the current settings give the value.
    """
    unknown = {
        layer: names
        for layer, stack in made.stacks.items()
        if (names := sorted(unknown_values(stack.template, stack.parameters)))
    }
    states = made.states(unknown)
    stacks, notes, lost = dict(made.stacks), [], []
    for layer, names in unknown.items():
        deployed = states[layer].parameters or {}
        declared = today.stacks[layer].parameters if layer in today.stacks else {}
        values = {name: deployed.get(name) or declared.get(name, "") for name in names}
        stacks[layer] = replace(stacks[layer], parameters={**stacks[layer].parameters, **values})
        for name, value in values.items():
            which = "the deployed value" if name in deployed else "the current setting"
            if value:
                notes.append(f"{layer}.{name} is secret and not recorded: {which} is used")
            else:
                lost.append(
                    f"{layer}: {name} is secret and not recorded; it is not deployed, and the "
                    "current settings have no value for it"
                )
    if lost:
        raise _error(lost, "Set its value in the settings, as it was then.")
    return replace(made, stacks=stacks), tuple(notes)


def _refuse(found: Iterable[str], ledger: Ledger) -> None:
    if told := [*found]:
        raise _error(
            told,
            f"Nothing was done. Look at {ledger.name}, or roll back to another release: --to N.",
        )


def _error(found: Iterable[str], hint: str) -> TapgenError:
    listed = "".join(f"\n  {fault}" for fault in found)
    return TapgenError(f"these layers cannot be restored:{listed}", hint)

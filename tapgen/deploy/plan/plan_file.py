"""Plan files: a reviewed plan as JSON, so that exactly this plan can be carried out later.

The digest reveals an edit. It is not a signature: anyone who can write the file can also compute a
digest, so `deploy` compares the change sets with AWS again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Any, Final

from tapgen import __version__
from tapgen.deploy.plan.plan_records import change_of, entry_record
from tapgen.deploy.plan.plan_shape import misfits
from tapgen.errors import RefusedError
from tapgen.model.changes.change import ChangeSet
from tapgen.model.changes.differences import ABSENT, ValueDifference, differences
from tapgen.model.changes.secrets import MASK, masked_parameters
from tapgen.model.changes.values import value_text
from tapgen.model.layer import source_of
from tapgen.model.plan import (
    KINDS,
    Adoption,
    Blocked,
    Entry,
    FailedCreation,
    NoChange,
    Pending,
    Plan,
    Planned,
)
from tapgen.model.stack import Stack
from tapgen.model.templates.json_text import parsed

# Incremented when a reader of the old format would misunderstand the new one.
FORMAT: Final = 5
_TOLD: Final = 5  # at most this many faults of the file's structure are reported
_WRITE: Final = "`tapgen plan --out FILE` writes one."
_NEW_PLAN: Final = "Make a new plan with `{}` and have it reviewed."


@dataclass(frozen=True)
class SavedPlan:
    """A plan file: complete and not edited."""

    document: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The text of the file."""
        return json.dumps(self.document, indent=2, sort_keys=True) + "\n"

    @property
    def environment(self) -> str:
        """Name of the environment."""
        return str(self.document["environment"])

    @property
    def rolls_back_to(self) -> int | None:
        """The release that it rolls back to; None if it deploys the declared stacks."""
        number: int | None = self.document["rolls_back_to"]
        return number

    @property
    def rollout(self) -> str | None:
        """The value of `--rollout`; None if the setting applies."""
        way: str | None = self.document["rollout"]
        return way

    @property
    def account_id(self) -> str:
        """The environment's account, 12 digits."""
        return str(self.document["account_id"])

    @property
    def author(self) -> str:
        """ARN of the caller who made the plan, from STS."""
        return str(self.document["author"])

    @property
    def digest(self) -> str:
        """The SHA-256 that identifies the plan, 64 hexadecimal digits."""
        return str(self.document["digest"])

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that were planned, in dependency order."""
        return tuple(self.document["layers"])

    def change_sets(self) -> Iterator[tuple[str, ChangeSet]]:
        """The region and the change set of every stack that has one."""
        for record in self.document["stacks"].values():
            if record["kind"] == KINDS[Planned]:
                yield record["stack"]["region"], _change_set(record)

    def plan(self, stacks: Mapping[str, Stack]) -> Plan:
        """The plan. Secret parameters come from `stacks`: the file does not contain them."""
        records = self.document["stacks"]
        return Plan(
            self.environment,
            {layer: _entry(stacks[layer], records[layer]) for layer in self.layers},
            tuple(self.document["unprotects"]),
        )


def to_save(  # noqa: PLR0913, PLR0917 - the last three have defaults
    plan: Plan,
    code_sha256: str,
    author: str,
    hooks: Mapping[str, list[str]] | None = None,
    rolls_back_to: int | None = None,
    rollout: str | None = None,
) -> SavedPlan:
    """The plan as a file, without secrets.

    `author` is the ARN of the caller, `hooks` the result of `reviewed_hooks`, `rolls_back_to` the
    release that a rollback returns to, and `rollout` the value of the option `--rollout`.
    """
    stacks = [entry.stack for entry in plan.entries.values()]
    document = {
        "format": FORMAT,
        "tapgen": __version__,
        "author": author,
        "environment": plan.environment,
        "account_id": stacks[0].account_id,
        "regions": sorted({stack.region for stack in stacks}),
        "code_sha256": code_sha256,
        "layers": list(plan.entries),
        "unprotects": list(plan.unprotects),
        "hooks": hooks or {},
        "rolls_back_to": rolls_back_to,
        "rollout": rollout,
        "stacks": {
            layer: {"stack": stack_record(entry.stack), **entry_record(entry)}
            for layer, entry in plan.entries.items()
        },
    }
    return SavedPlan({**document, "digest": digest(document)})


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of everything but the digest itself, in hexadecimal."""
    content = {name: value for name, value in document.items() if name != "digest"}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(canonical.encode()).hexdigest()


def stack_record(stack: Stack) -> dict[str, Any]:
    """Everything that defines a stack. A plan is valid only while this is unchanged."""
    return {
        "name": stack.name,
        "account_id": stack.account_id,
        "region": stack.region,
        "template_sha256": stack.template.sha256,
        "parameters": masked_parameters(stack.template, stack.parameters),
        "inputs": {name: str(source) for name, source in stack.inputs.items()},
        "tags": dict(stack.tags),
        "protected": stack.protected,
    }


def saved_plan(text: str, name: str) -> SavedPlan:
    """Read a plan file's text; messages refer to it as `name`.

    Raises `RefusedError` if it is not a plan, was edited, or was made by another major or minor
    version of tapgen, which may render or plan differently.
    """
    try:
        document = parsed(text)
        kinds = {"format": int, "digest": str, "tapgen": str}
        is_plan = all(isinstance(document[name], kind) for name, kind in kinds.items())
    except (LookupError, TypeError, ValueError):
        is_plan = False
    if not is_plan:
        raise RefusedError(f"{name} is not a plan file", _WRITE)
    if document["format"] != FORMAT:
        raise RefusedError(
            f"{name} has the format {document['format']}; this tapgen reads {FORMAT}",
            "Use the version of tapgen that made it, or make a new plan.",
        )
    if document["digest"] != digest(document):
        raise RefusedError(
            f"{name} was edited after it was made",
            "Restore the file that was reviewed, or make a new plan.",
        )
    if _release(document["tapgen"]) != _release(__version__):
        raise RefusedError(
            f"{name} was made by tapgen {document['tapgen']}, and this is {__version__}",
            f"Use that version, or make a new plan: {_WRITE}",
        )
    return _complete(SavedPlan(document), name)


def _complete(saved: SavedPlan, name: str) -> SavedPlan:
    """The plan; raises `RefusedError` if parts of it are missing or have the wrong type."""
    if found := [*islice(misfits(saved.document), _TOLD)]:
        raise RefusedError(f"{name} is not a plan file: {'; '.join(found)}", _WRITE)
    if unknown := sorted(set(saved.layers) - set(saved.document["stacks"])):
        listed = ", ".join(unknown)
        raise RefusedError(f"{name} is not a plan file: it lacks the stacks of {listed}", _WRITE)
    return saved


def refuse_other_owner(
    saved: SavedPlan, environment: str, account_id: str, name: str, again: str
) -> None:
    """Raise `RefusedError` if the plan is for another environment or account.

    `again` is the command that makes one for this environment.
    """
    for what, planned, asked in (
        ("environment", saved.environment, environment),
        ("account", saved.account_id, account_id),
    ):
        if planned != asked:
            raise RefusedError(
                f"{name} is a plan for the {what} {planned}, not for {asked}",
                _NEW_PLAN.format(again),
            )


def refuse_stale(
    saved: SavedPlan,
    stacks: Mapping[str, Stack],
    name: str,
    again: str,
    hooks: Mapping[str, list[str]] | None = None,
) -> None:
    """Raise `RefusedError` if stacks or hooks differ from the planned ones.

    `again` is the command that makes a new plan of the same.
    """
    now = hooks or {}
    faults = [fault for layer in saved.layers for fault in _faults(saved, layer, stacks.get(layer))]
    faults += [
        f"{layer}: its hooks, or the files that they are in, have changed"
        for layer in saved.layers
        if saved.document["hooks"].get(layer, []) != now.get(layer, [])
    ]
    refuse(faults, name, again)


def refuse(faults: list[str], name: str, again: str) -> None:
    """Raise `RefusedError` with all faults, if there are any; see `refuse_stale`."""
    if faults:
        listed = "".join(f"\n  {fault}" for fault in faults)
        raise RefusedError(f"{name} is no longer valid:{listed}", _NEW_PLAN.format(again))


def _faults(saved: SavedPlan, layer: str, stack: Stack | None) -> Iterator[str]:
    if stack is None:
        yield f"{layer}: the environment no longer has this layer"
        return
    planned, now = saved.document["stacks"][layer]["stack"], stack_record(stack)
    for difference in differences(planned, now):
        yield f"{layer}: {_words(stack, difference)}"


def _words(stack: Stack, difference: ValueDifference) -> str:
    section, _, name = difference.path.partition("/")
    if section == "template_sha256":
        return "the template has changed"
    if section == "parameters" and name == stack.code_parameter:
        return "the function code has changed"
    what = difference.path
    if section == "parameters" and name in stack.template.settings:
        what = f"setting {stack.template.settings[name]}"
    before, after = (
        "not there" if value is ABSENT else value_text(value)
        for value in (difference.before, difference.after)
    )
    return f"{what} was {before}, is {after}"


def _entry(stack: Stack, record: Mapping[str, Any]) -> Entry:
    match record["kind"]:
        case "Planned":
            return Planned(
                stack,
                record["change_set_type"],
                {
                    name: stack.parameters.get(name, value) if value == MASK else value
                    for name, value in record["parameters"].items()
                },
                _change_set(record),
                adoptions=tuple(Adoption(**adoption) for adoption in record["adoptions"]),
            )
        case "Same":
            return NoChange(stack, {}, record["updated"])
        case "Pending":
            return Pending(stack, tuple(map(source_of, record["needs"])))
        case "Leftover":
            return FailedCreation(stack, record["status"])
    return Blocked(stack, record["status"], record["reason"], record["hint"], record["refused"])


def _change_set(record: Mapping[str, Any]) -> ChangeSet:
    changes = tuple(map(change_of, record["changes"]))
    return ChangeSet(record["change_set"], record["stack_id"], changes)


def _release(version: str) -> list[str]:
    """Major and minor version; patches neither render nor plan differently."""
    return version.split(".")[:2]

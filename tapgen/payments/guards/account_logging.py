"""The guard of API Gateway's logging role. An account has one in each region.

An environment with `api.manage_account_logging` sets it for every API there. The guard prevents it
from silently replacing another role, and names other environments that use it before it is deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from tapgen.aws.resources.account_logging import logging_role
from tapgen.deploy.guards.guard import Subject
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.stack_status import usable
from tapgen.model.stack import ENGINE_TAGS, Stack

REPLACE: Final = "--replace-logging-role"
_API: Final = "api"
_MANAGES: Final = "api.manage_account_logging"
_LEVEL: Final = "api.execution_log_level"
# The tags that stacks of the same layer share in every environment of the project.
_ALIKE: Final = tuple(name for name in ENGINE_TAGS if name != "Environment")


def check_account_logging(subject: Subject) -> Iterator[str]:
    """Raise `RefusedError` if the deployment would replace a role that someone else has set.

    A deleted role logs nothing, so it may be replaced. Without permission to read the role, the
    guard yields a note instead.
    """
    api = subject.target.stacks.get(_API)
    if subject.entry or api is None or _API not in subject.layers or not _manages(api):
        return
    try:
        role = logging_role(subject.target.region_of(api))
    except TapgenError as error:
        yield f"cannot check whether someone else has set API Gateway's logging role: {error}"
        return
    if role is None or role.exists is False or api.identity.items() <= role.tags.items():
        return
    whose = f", of {role.tags['Environment']}," if "Environment" in role.tags else ""
    told = (
        f"API Gateway writes the execution logs of all APIs in {api.region} of account "
        f"{api.account_id} with the role {role.arn}{whose} and {api.name} would replace it"
    )
    if REPLACE not in subject.lifted:
        raise RefusedError(
            told,
            f"Set `{_MANAGES}: false` to write this environment's logs with that role too. "
            f"{REPLACE} replaces it, for every API there.",
        )
    yield told


def name_dependants(target: Target, layers: Collection[str]) -> Iterator[tuple[str, str]]:
    """Notes before the layers are destroyed: other environments that log with the deleted role."""
    api = target.stacks.get(_API)
    if api is None or api.layer not in layers:
        return
    parameters = target.describe(_API).parameters or {}
    manages, level = (api.template.parameter_of(name) for name in (_MANAGES, _LEVEL))
    if manages is None or level is None or parameters.get(manages) != "true":
        return
    alike = {name: value for name, value in api.identity.items() if name in _ALIKE}
    others = [
        state
        for state in target.cloudformation(api).tagged(alike)
        if state.name != api.name
        and usable(state.status)
        and (state.parameters or {}).get(manages) == "false"
        and (state.parameters or {}).get(level) != "OFF"
    ]
    if others:
        names = ", ".join(state.name for state in others)
        told = (
            f"this also deletes the account's logging role for API Gateway, which {names} "
            f"{'use' if len(others) > 1 else 'uses'}: deploy one of them with "
            f"`{_MANAGES}: true` afterwards"
        )
        yield _API, told


def _manages(api: Stack) -> bool:
    parameter = api.template.parameter_of(_MANAGES)
    return parameter is not None and api.parameters[parameter] == "true"

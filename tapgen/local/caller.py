"""AWS calls to this server itself, with the account and region of a stack operation."""

from __future__ import annotations

import asyncio
import functools
import threading
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.config import Config
from ministack.core.responses import get_account_id, get_region

from tapgen.local import state

_CONFIG = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
_creating = threading.Lock()
_port = 0


def set_port(port: int) -> None:
    """Set the server's address. Called once, before the first stack operation."""
    global _port  # noqa: PLW0603 - one server per process, known only when it listens
    _port = port


def call(service: str, operation: str, **parameters: Any) -> Any:
    """Call an operation by its AWS name and return its response.

    Values are converted to the operation's types: values from template parameters are text, and
    botocore does not accept "7" or "true" as a number or a boolean.

    Raises botocore's ClientError and ParamValidationError; either fails the stack operation. On
    the event loop, it raises RuntimeError, because the server cannot answer while it waits for
    itself.
    """
    if _on_event_loop():
        raise RuntimeError(f"{service}.{operation} was called on the event loop.")
    client = _current(service)
    return getattr(client, xform_name(operation))(**typed(service, operation, parameters))


def _on_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def typed(service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters converted to the operation's types; unknown ones are unchanged."""
    model = _current(service).meta.service_model.operation_model(operation)
    converted: dict[str, Any] = _typed(parameters, model.input_shape)
    return converted


def _current(service: str) -> Any:
    # Creating clients from one session is not thread-safe.
    with _creating:
        return _client(service, get_account_id(), get_region())


@functools.lru_cache(maxsize=64)  # a client costs megabytes, and a session makes thousands of calls
def _client(service: str, account: str, region: str) -> Any:
    return _session().create_client(
        service,
        endpoint_url=f"http://{state.HOST}:{_port}",
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key=state.SECRET,
        config=_CONFIG,
    )


@functools.cache
def _session() -> Any:
    """The only session: it reads each service's model once, which is most of a client's cost.

    It is not boto3's, whose transfer manager adds 20 ms to the start and is not needed here.
    """
    return botocore.session.Session()


def _typed(value: Any, shape: Any) -> Any:
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        members = shape.members
        return {
            name: _typed(item, members[name]) if name in members else item
            for name, item in value.items()
        }
    if kind == "list" and isinstance(value, list):
        return [_typed(item, shape.member) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {name: _typed(item, shape.value) for name, item in value.items()}
    if not isinstance(value, str | int | float):
        return value
    return _scalar(value, kind)


def _scalar(value: str | float, kind: str) -> Any:
    if kind == "boolean":
        return str(value).lower() == "true"
    if kind in {"integer", "long"}:
        return int(value)
    if kind in {"float", "double"}:
        return float(value)
    return str(value) if kind == "string" else value

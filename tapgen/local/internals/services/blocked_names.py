"""Names that AWS blocks for a while after their resource was deleted. MiniStack does not.

A queue: "You must wait 60 seconds after deleting a queue before you can create another with the
same name" (Amazon SQS API reference, CreateQueue). CloudFormation passes the error on
(pulumi/pulumi-aws-native#1984).

A parameter: "After deleting a parameter, wait for at least 30 seconds to create a parameter with
the same name" (Systems Manager API reference, DeleteParameter). The error is not documented; here
the name is in use. A name that CloudFormation generates is never reused.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any, Final

from ministack.core.responses import AccountRegionScopedDict, error_response_json
from ministack.services import sqs, ssm

from tapgen.local import internals
from tapgen.local.internals import routing

if TYPE_CHECKING:
    from collections.abc import Callable

QUEUE_SECONDS: Final = 60.0
PARAMETER_SECONDS: Final = 30.0
_QUEUE: Final = "AWS::SQS::Queue"
_PARAMETER: Final = "AWS::SSM::Parameter"


class _Blocked:
    """Recently deleted names of one service."""

    def __init__(self, service: str, seconds: float) -> None:
        self._until = AccountRegionScopedDict()
        self._seconds = seconds
        routing.reset_with(service, self)

    def block(self, name: str) -> None:
        self._until[name] = time.monotonic() + self._seconds

    def __contains__(self, name: str) -> bool:
        return bool(self._until.get(name, 0.0) > time.monotonic())

    def reset(self) -> None:
        self._until.clear()


def block_names(shortened: Callable[[float], float]) -> None:
    """Block the names of deleted queues and parameters. `shortened` converts AWS's seconds."""
    _block_queues(_Blocked("sqs", shortened(QUEUE_SECONDS)))
    _block_parameters(_Blocked("ssm", shortened(PARAMETER_SECONDS)))


def _block_queues(blocked: _Blocked) -> None:
    creating, deleting = sqs._HANDLERS["CreateQueue"], sqs._HANDLERS["DeleteQueue"]
    handlers = internals.HANDLERS[_QUEUE]
    making, removing = handlers["create"], handlers["delete"]

    def refuse(name: str) -> None:
        if name in blocked:
            raise sqs._Err(
                "QueueDeletedRecently",
                "You must wait 60 seconds after deleting a queue before you can create another "
                "with the same name.",
            )

    def create(request: dict[str, Any], url: str) -> Any:
        refuse(request.get("QueueName", ""))
        return creating(request, url)

    def delete(request: dict[str, Any], url: str) -> Any:
        answer = deleting(request, url)
        blocked.block(_name(request.get("QueueUrl", url)))
        return answer

    def make(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        refuse(properties.get("QueueName", ""))
        return making(logical_id, properties, stack)

    def remove(url: str, properties: dict[str, Any]) -> None:
        removing(url, properties)
        blocked.block(_name(url))

    sqs._HANDLERS.update(CreateQueue=create, DeleteQueue=delete)
    handlers.update(create=make, delete=remove)


def _block_parameters(blocked: _Blocked) -> None:
    making = internals.HANDLERS[_PARAMETER]["create"]
    putting, deleting, deleting_some = (
        ssm._put_parameter,
        ssm._delete_parameter,
        ssm._delete_parameters,
    )

    def put(request: dict[str, Any]) -> Any:
        if request.get("Name", "") in blocked:
            return error_response_json(
                "ParameterAlreadyExists",
                "The parameter already exists. After deleting a parameter, wait for at least 30 "
                "seconds to create a parameter with the same name.",
                400,
            )
        return putting(request)

    def delete(request: dict[str, Any]) -> Any:
        status, headers, body = deleting(request)
        if status == 200:  # noqa: PLR2004 - HTTP
            blocked.block(request["Name"])
        return status, headers, body

    def delete_some(request: dict[str, Any]) -> Any:
        for name in request.get("Names", []):
            if name in ssm._parameters:
                blocked.block(name)
        return deleting_some(request)

    def make(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        made_up = f"CFN-{logical_id}-{uuid.uuid4().hex[:12]}"
        return making(logical_id, {"Name": made_up, **properties}, stack)

    internals.HANDLERS[_PARAMETER]["create"] = make
    ssm._put_parameter = put
    ssm._delete_parameter = delete
    ssm._delete_parameters = delete_some


def _name(url: str) -> str:
    return url.rpartition("/")[2]

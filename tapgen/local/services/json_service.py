"""The AWS JSON protocol: an operation named by a header, a JSON object in and one out."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ministack.core.responses import error_response_json, json_response

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = tuple[int, dict[str, str], bytes]


class ServiceError(Exception):
    """An error with AWS's name."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class JsonService:
    """Operations by name. `clear` deletes everything, for a reset of the whole server.

    Operations that call this server themselves run `in_thread`, off its event loop.
    """

    operations: dict[str, Callable[[dict[str, Any]], dict[str, Any]]]
    clear: Callable[[], None]
    in_thread: bool = False

    def handles(self, headers: dict[str, str]) -> bool:
        return _operation(headers) in self.operations

    async def handle_request(
        self,
        _method: str,
        _path: str,
        headers: dict[str, str],
        body: bytes,
        _query: dict[str, list[str]],
    ) -> Answer:
        if self.in_thread:
            return await asyncio.to_thread(self._answered, _operation(headers), body)
        return self._answered(_operation(headers), body)

    def _answered(self, name: str, body: bytes) -> Answer:
        operation = self.operations.get(name)
        if operation is None:
            return _error("UnknownOperationException", f"{name} is not served locally.")
        try:
            return _answer(json_response(operation(json.loads(body or b"{}"))))
        except ServiceError as error:
            return _error(error.code, error.message)

    def reset(self) -> None:
        self.clear()


def _operation(headers: dict[str, str]) -> str:
    return headers.get("x-amz-target", "").rpartition(".")[2]


def _answer(response: Any) -> Answer:
    status, headers, body = response
    return status, headers, body


def _error(code: str, message: str) -> Answer:
    return _answer(error_response_json(code, message, 400))

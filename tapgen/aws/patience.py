"""Calls without a usable answer: retrying, reporting it, and giving up.

botocore retries broken connections, 5xx responses and throttling, at most ten times, and not at all
once a quota of about a hundred retries is used up. This module adds, through its events: responses
that do not come from AWS (`aws.answers`), and throttling that continues while other calls succeed.
After some seconds a warning in the log `tapgen.aws` says what tapgen is waiting for; Python shows
it on stderr unless a program configures logging.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any, Final

from tapgen.aws.answers import IN_BETWEEN, UnusableAnswerError, fault
from tapgen.aws.hints import THROTTLED, no_more_files

_LOG: Final = logging.getLogger("tapgen.aws")

ATTEMPTS: Final = 10  # as in botocore's configuration
# Attempts for a throttled call, over minutes, while other calls of the service succeed.
_THROTTLED_ATTEMPTS: Final = 40
# Seconds for which a successful call shows that calls of the service still succeed.
_THROUGH: Final = 60.0
_LONGEST_PAUSE: Final = 20.0  # seconds, as botocore's
# Seconds without an answer until a warning, and between repeated warnings.
_SILENCE: Final = 4.0
_AGAIN: Final = 30.0
# Seconds without an answer after which a call is tried only twice: a run that ends makes a dozen
# calls, and each would take a minute.
_HOPELESS: Final = 300.0
_WITHOUT_FILES: Final = 3  # attempts
# Attempts of a throttled call before a warning; being throttled once or twice is normal.
_WORTH_A_WORD: Final = 3
_FAULT: Final = "tapgen_fault"  # in the context of a request: why its response is not an answer
_SERVER_ERRORS: Final = 500


class Patience:
    """The state of the connection to one account: the last answers, and the last warnings."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._silent_since: float | None = None
        self._through: dict[str, float] = {}
        self._said: dict[str, float] = {}

    def watch_over(self, client: Any) -> None:
        """Add retries to the client; its calls raise `UnusableAnswerError` in the end."""
        service = client.meta.service_model.service_id.hyphenize()
        # Before botocore's own handler, so that it can prevent a retry.
        client.meta.events.register_first(f"needs-retry.{service}", self._is_in_vain)
        client.meta.events.register("needs-retry", self._needs_retry)
        client.meta.events.register("after-call", self._after_call)

    def _is_in_vain(
        self, attempts: int, caught_exception: Exception | None, **_: Any
    ) -> bool | None:
        """False, for no, if another attempt is pointless; otherwise None.

        Either there was no answer for so long that the run only cleans up, or this process has too
        many open files: some may soon be closed, but waiting longer does not help.
        """
        if no_more_files(caught_exception) and attempts >= _WITHOUT_FILES:
            return False
        with self._lock:
            since = self._silent_since
        if attempts == 1 or since is None or time.monotonic() - since < _HOPELESS:
            return None
        return False

    def _needs_retry(
        self,
        response: tuple[Any, Mapping[str, Any]] | None,
        operation: Any,
        attempts: int,
        caught_exception: Exception | None,
        request_dict: Mapping[str, Any],
        **_: Any,
    ) -> float | None:
        """Seconds to wait before the next attempt; None leaves the decision to botocore."""
        service = operation.service_model.service_name
        call = f"{service} {operation.name}"
        context = request_dict["context"]
        context[_FAULT] = ""
        if response is None:
            self._unanswered(f"{call}: {caught_exception}")
            return None
        http, parsed = response
        context[_FAULT] = found = fault(operation, http, parsed)
        if found:
            self._unanswered(f"the answer to {call} {found}")
            return _pause(attempts) if attempts < ATTEMPTS else None
        if parsed.get("Error", {}).get("Code") in THROTTLED:
            return self._throttled(service, call, attempts)
        if http.status_code >= _SERVER_ERRORS:
            self._unanswered(f"{call}: {parsed['Error']['Code']}")
        else:
            self._answered(service)
        return None

    @staticmethod
    def _after_call(model: Any, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        """Raise the fault of the last attempt; note the region of the call, for hints."""
        if found := context.get(_FAULT):
            where = f"{model.service_model.service_name} {model.name} in {context['client_region']}"
            raise UnusableAnswerError(f"the answer to {where} {found}", IN_BETWEEN)
        parsed.setdefault("ResponseMetadata", {})["Region"] = context.get("client_region")

    def _throttled(self, service: str, call: str, attempts: int) -> float | None:
        now = time.monotonic()
        with self._lock:
            self._silent_since = None  # throttling is an answer, too
            through = now - self._through.setdefault(service, now) < _THROUGH
        if attempts >= _WORTH_A_WORD:
            self._say("throttled", f"AWS throttles this account ({call}): slowing down")
        return _pause(attempts) if through and attempts < _THROTTLED_ATTEMPTS else None

    def _answered(self, service: str) -> None:
        with self._lock:
            self._through[service] = time.monotonic()
            silent, self._silent_since = self._silent_since, None
            told = silent is not None and self._said.pop("silent", None) is not None
        if told:
            _LOG.warning("AWS is answering again")

    def _unanswered(self, what: str) -> None:
        now = time.monotonic()
        with self._lock:
            self._silent_since = self._silent_since or now
            seconds = now - self._silent_since
        if seconds >= _SILENCE:
            self._say("silent", f"AWS has not answered for {seconds:.0f} s, still trying: {what}")

    def _say(self, kind: str, words: str) -> None:
        now = time.monotonic()
        with self._lock:
            if now - self._said.get(kind, -_AGAIN) < _AGAIN:
                return
            self._said[kind] = now
        _LOG.warning("%s", "".join(letter if letter.isprintable() else " " for letter in words))


def _pause(attempts: int) -> float:
    """Seconds before the next attempt, with the same jitter as botocore's."""
    most = min(2.0 ** (attempts - 1), _LONGEST_PAUSE)
    return most * random.random()  # noqa: S311 - jitter is no secret

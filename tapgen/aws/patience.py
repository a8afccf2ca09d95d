"""Calls that get no answer, or one that is none: trying again, saying so, and giving up.

botocore tries again where a connection breaks and where AWS answers 5xx or throttles, at most ten
times, and no more once a quota of about a hundred retries is used up. What it does not know is
added here, through its events: answers that are none (`aws.answers`), and throttling that goes on
while calls still get through. Whoever waits is told after some seconds what for, by a warning in
the log `tapgen.aws`, which Python shows on stderr unless a program says otherwise.
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

ATTEMPTS: Final = 10  # as botocore is told to make
# While other calls of the service get through, a throttled one is tried so often, for minutes.
_THROTTLED_ATTEMPTS: Final = 40
# Seconds since a call got through, after which none does any more.
_THROUGH: Final = 60.0
_LONGEST_PAUSE: Final = 20.0  # seconds, as botocore's
# Seconds without an answer until it is said, and from then on until it is said again.
_SILENCE: Final = 4.0
_AGAIN: Final = 30.0
# Seconds without an answer after which a call is made only twice: a run that ends has a dozen
# calls to make, and each would take a minute.
_HOPELESS: Final = 300.0
_WITHOUT_FILES: Final = 3  # attempts
# A call that was throttled so often is worth a word; once or twice is daily business.
_WORTH_A_WORD: Final = 3
_FAULT: Final = "tapgen_fault"  # in the context of a request: why its answer is none
_SERVER_ERRORS: Final = 500


class Patience:
    """What is known of the way to one account: when it answered last, and what was said of it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._silent_since: float | None = None
        self._through: dict[str, float] = {}
        self._said: dict[str, float] = {}

    def watch_over(self, client: Any) -> None:
        """Let the client's calls be tried again, and raise `UnusableAnswerError` in the end."""
        service = client.meta.service_model.service_id.hyphenize()
        # Before botocore's own, so that it can say no.
        client.meta.events.register_first(f"needs-retry.{service}", self._is_in_vain)
        client.meta.events.register("needs-retry", self._needs_retry)
        client.meta.events.register("after-call", self._after_call)

    def _is_in_vain(
        self, attempts: int, caught_exception: Exception | None, **_: Any
    ) -> bool | None:
        """False, for no, where trying again is in vain.

        Nothing has been answered for so long that cleaning up is left, or this process may open no
        more files: others of its calls may soon give some back, but waiting for long helps nobody.
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
        """Seconds to wait before the call is made again; None leaves that to botocore."""
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
        """Raise what the last attempt came to; note where the call went, for what is said of it."""
        if found := context.get(_FAULT):
            where = f"{model.service_model.service_name} {model.name} in {context['client_region']}"
            raise UnusableAnswerError(f"the answer to {where} {found}", IN_BETWEEN)
        parsed.setdefault("ResponseMetadata", {})["Region"] = context.get("client_region")

    def _throttled(self, service: str, call: str, attempts: int) -> float | None:
        now = time.monotonic()
        with self._lock:
            self._silent_since = None  # that is an answer, too
            through = now - self._through.setdefault(service, now) < _THROUGH
        if attempts >= _WORTH_A_WORD:
            self._say("throttled", f"AWS throttles this account ({call}): going slower")
        return _pause(attempts) if through and attempts < _THROTTLED_ATTEMPTS else None

    def _answered(self, service: str) -> None:
        with self._lock:
            self._through[service] = time.monotonic()
            silent, self._silent_since = self._silent_since, None
            told = silent is not None and self._said.pop("silent", None) is not None
        if told:
            _LOG.warning("AWS answers again")

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
    """Seconds before the next attempt, drawn as botocore draws them."""
    most = min(2.0 ** (attempts - 1), _LONGEST_PAUSE)
    return most * random.random()  # noqa: S311 - jitter is no secret

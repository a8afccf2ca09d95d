"""The check that calls of the deployed API arrive in its access log.

API Gateway reports nothing if it cannot write a line, so the bucket is listed before and after.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import takewhile
from time import monotonic, sleep
from typing import Final

from tapgen.aws.polling import intervals
from tapgen.aws.resources.buckets import keys_below
from tapgen.deploy.observe.checks import LIVE, Check
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.layer import OutputRef
from tapgen.payments.limits import ACCESS_LOG_FOLDER

BUCKET: Final = OutputRef("storage", "ApiLogsBucketName")
# Firehose delivers once a minute, which takes some time.
PATIENCE_SECONDS: Final = 120.0


class AccessLog:
    """The access log before the API was called."""

    def __init__(self, target: Target) -> None:
        self._target = target
        known = target.outputs(BUCKET.layer) if BUCKET.layer in target.stacks else None
        self._bucket = (known or {}).get(BUCKET.output)
        self._before = self._keys()

    def check(self) -> Iterator[Check]:
        """One check: a new object is the proof. Its content is not read.

        It waits for a limited time. The object may still arrive later, so the check does not fail.
        """
        declared = f"a new object below s3://{self._bucket}/{ACCESS_LOG_FOLDER}/"
        if isinstance(self._before, TapgenError):
            yield Check(LIVE, "access log", "delivery", declared, self._before.message, ok=False)
            return
        new = self._wait(self._before)
        late = (
            f"none within {PATIENCE_SECONDS:.0f} s: check again later; if none arrives, the key of "
            "the stream does not allow API Gateway"
        )
        yield Check(LIVE, "access log", "delivery", declared, new or late, ok=bool(new) or None)

    def _wait(self, before: frozenset[str]) -> str | None:
        """The key of a new object; None if none arrives in time."""
        deadline = monotonic() + PATIENCE_SECONDS
        for pause in takewhile(lambda _: monotonic() < deadline, intervals()):
            now = self._keys()
            if not isinstance(now, TapgenError) and (new := now - before):
                return max(new)
            sleep(pause)
        return None

    def _keys(self) -> frozenset[str] | TapgenError:
        """Today's objects, by the day in UTC."""
        if self._bucket is None:
            return TapgenError(f"{BUCKET} is not deployed")
        today = f"{ACCESS_LOG_FOLDER}/{datetime.now(UTC):%Y/%m/%d}/"
        region = self._target.stacks[BUCKET.layer].region
        try:
            return keys_below(self._target.account, region, self._bucket, today)
        except TapgenError as error:
            return error

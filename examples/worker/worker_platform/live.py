"""How `tapgen verify` tries what is deployed: a job goes in, its result has to come out."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import ClientError
from tapgen.deploy.observe.checks import LIVE, Address, Check
from tapgen.deploy.target.target import Target

_PATIENCE_SECONDS: Final = 90.0  # a cold start in a VPC, and a poll of the queue
_PAUSE_SECONDS: Final = 0.5
_WORDS: Final = ("one", "two", "three")
_UNKNOWN: Final = "unknown: the local AWS has no PostgreSQL"


def check_worker(target: Target, _address: Address, *, read_only: bool) -> Iterator[Check]:
    """Send a job and wait for its result, which is deleted again; not where `read_only`."""
    if read_only:
        return
    jobs, storage = target.outputs("jobs"), target.outputs("storage")
    if not jobs or not storage:
        yield Check(LIVE, "job", "outputs", "those of jobs and storage", None, ok=False)
        return
    region = target.stacks["jobs"].region
    job = f"tapgen-verify-{uuid.uuid4()}"
    body = json.dumps({"id": job, "text": " ".join(_WORDS)})
    queue = target.account.client("sqs", region)
    queue.send_message(QueueUrl=jobs["QueueUrl"], MessageBody=body)
    found = _result(target.account.client("s3", region), storage["ResultsBucketName"], job)
    words = found.get("words")
    yield Check(LIVE, "job", "words", len(_WORDS), words, ok=words == len(_WORDS))
    reached = found.get("database")
    if target.account.connection.local:
        yield Check(LIVE, "job", "database", _UNKNOWN, reached, ok=None)
    else:
        yield Check(LIVE, "job", "database", True, reached, ok=reached is True)


def _result(s3: Any, bucket: str, job: str) -> dict[str, Any]:
    """The result of a job, taken out of the bucket; empty where none comes."""
    place = {"Bucket": bucket, "Key": f"results/{job}.json"}
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            text = s3.get_object(**place)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            s3.delete_object(**place)
            found: dict[str, Any] = json.loads(text)
            return found
    return {}

"""The live check of `tapgen verify`: it sends a job and expects its result.

`tapgen parity --live --write` compares the results of several environments.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import ClientError
from tapgen.deploy.observe.checks import LIVE, Address, Check
from tapgen.deploy.observe.live.conversation import Conversation, LiveConversation
from tapgen.deploy.observe.live.exchange import Answers, Exchange, Heard
from tapgen.deploy.observe.live.web import Answer
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError

_PATIENCE_SECONDS: Final = 90.0  # a cold start in a VPC, and a poll of the queue
_PAUSE_SECONDS: Final = 0.5
_WORDS: Final = ("one", "two", "three")
_UNKNOWN: Final = "unknown: the local AWS has no PostgreSQL"


def begin(target: Target, address: Address) -> Conversation:
    """Send a job, and wait for its result, which is then deleted."""
    jobs, storage = target.outputs("jobs"), target.outputs("storage")
    if not jobs or not storage:
        raise TapgenError(
            "jobs and storage are not deployed", f"Run `{target.command('deploy')}` first."
        )
    region = target.stacks["jobs"].region
    queue, s3 = (target.account.client(service, region) for service in ("sqs", "s3"))

    def work(_: Answers) -> Answer:
        job = f"tapgen-verify-{uuid.uuid4()}"
        body = json.dumps({"id": job, "text": " ".join(_WORDS)})
        queue.send_message(QueueUrl=jobs["QueueUrl"], MessageBody=body)
        return Answer(200, {}, _result(s3, storage["ResultsBucketName"], job))

    def done(heard: Heard) -> Iterator[Check]:
        yield heard.check("words", len(_WORDS), heard.answer.get("words"))
        reached = heard.answer.get("database")
        if target.account.connection.local:
            yield Check(LIVE, heard.name, "database", _UNKNOWN, reached, ok=None)
        else:
            yield heard.check("database", True, reached)

    return Conversation("", address, (Exchange("job", work, done, writes=True),))


WORKER: Final = LiveConversation(begin)


def _result(s3: Any, bucket: str, job: str) -> dict[str, Any]:
    """The result of a job, deleted from the bucket after reading. Empty if none arrives in time."""
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

"""The worker: processes jobs from the queue and writes their results to the bucket.

A job is JSON, {"id": "...", "text": "..."}. Its result has the number of words in the text, and
whether the database responds. An invalid job is retried and ends in the dead-letter queue, without
affecting the other jobs of its batch.
"""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import sys
from functools import lru_cache
from typing import Any, Final

import boto3

_ID: Final = re.compile(r"[A-Za-z0-9-]{1,80}")
# The message SSLRequest (PostgreSQL documentation, "Message Formats"): its length, and a code.
_SSL_REQUEST: Final = struct.pack("!ii", 8, 80877103)
_CONNECT_SECONDS: Final = 2.0


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Do every job of a batch. Returns the failed ones, which Lambda keeps in the queue."""
    failed = []
    for record in event["Records"]:
        try:
            _do(json.loads(record["body"]))
        except Exception as error:  # noqa: BLE001 - the other jobs must be done
            sys.stdout.write(
                f"{json.dumps({'failed': record['messageId'], 'error': repr(error)})}\n"
            )
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _do(job: dict[str, Any]) -> None:
    if not _ID.fullmatch(job["id"]):
        raise ValueError(job["id"])
    result = {"id": job["id"], "words": len(job["text"].split()), "database": database_answers()}
    _s3().put_object(
        Bucket=os.environ["RESULTS_BUCKET"],
        Key=f"results/{job['id']}.json",
        Body=json.dumps(result).encode(),
        ContentType="application/json",
    )


@lru_cache(maxsize=1)
def _s3() -> Any:
    return boto3.client("s3")


@lru_cache(maxsize=1)
def database_answers() -> bool:
    """Whether PostgreSQL responds and accepts TLS. Checked once; it needs no password."""
    address = (os.environ["DATABASE_ADDRESS"], int(os.environ["DATABASE_PORT"]))
    try:
        with socket.create_connection(address, timeout=_CONNECT_SECONDS) as connection:
            connection.sendall(_SSL_REQUEST)
            return connection.recv(1) == b"S"
    except OSError:
        return False

"""The worker: takes jobs from the queue and writes their results to the bucket.

A job is JSON, {"id": "...", "text": "..."}; its result says how many words the text has, and
whether the database answers. One that cannot be understood is tried again, and in the end a dead
letter; the others of its batch are done.
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
    """Do every job of a batch; Lambda keeps those in the queue that are given back."""
    failed = []
    for record in event["Records"]:
        try:
            _do(json.loads(record["body"]))
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are done
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
    """Whether PostgreSQL is there and takes TLS; asked once, before any password is needed."""
    address = (os.environ["DATABASE_ADDRESS"], int(os.environ["DATABASE_PORT"]))
    try:
        with socket.create_connection(address, timeout=_CONNECT_SECONDS) as connection:
            connection.sendall(_SSL_REQUEST)
            return connection.recv(1) == b"S"
    except OSError:
        return False

"""The function, without AWS: its results, the failed jobs that it returns, its calls."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from worker_platform.functions import worker


class Bucket:
    """A bucket that stores objects in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def put_object(self, **given: Any) -> None:
        assert (given["Bucket"], given["ContentType"]) == ("results", "application/json")
        self.kept[given["Key"]] = json.loads(given["Body"])


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    kept = Bucket()
    monkeypatch.setattr(worker, "_s3", lambda: kept)
    monkeypatch.setenv("RESULTS_BUCKET", "results")
    monkeypatch.setenv("DATABASE_ADDRESS", "127.0.0.1")
    monkeypatch.setenv("DATABASE_PORT", "1")
    worker.database_answers.cache_clear()
    yield kept
    worker.database_answers.cache_clear()


def event(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [{"messageId": str(n), "body": body} for n, body in enumerate(bodies, start=1)]
    }


def test_a_job_becomes_a_result(bucket: Bucket) -> None:
    told = worker.handler(event(json.dumps({"id": "a-1", "text": "one two"})), None)
    assert told == {"batchItemFailures": []}
    assert bucket.kept == {"results/a-1.json": {"id": "a-1", "words": 2, "database": False}}


@pytest.mark.parametrize(
    "wrong", ["no json", "[]", '{"id": "a"}', '{"id": "../x", "text": ""}', '{"id": 1, "text": ""}']
)
def test_what_cannot_be_understood_is_given_back_and_the_rest_is_done(
    bucket: Bucket, wrong: str
) -> None:
    right = json.dumps({"id": "b", "text": ""})
    told = worker.handler(event(wrong, right), None)
    assert told == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert list(bucket.kept) == ["results/b.json"]


@pytest.mark.parametrize(("answer", "expected"), [(b"S", True), (b"N", False), (b"", False)])
def test_the_database_is_asked_as_postgresql_is_asked(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, answer: bytes, expected: bool
) -> None:
    assert bucket.kept == {}
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                asked.append(connection.recv(8))
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        monkeypatch.setenv("DATABASE_PORT", str(server.getsockname()[1]))
        assert worker.database_answers() is expected
        thread.join()
    assert asked == [bytes.fromhex("0000000804d2162f")]

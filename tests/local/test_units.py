"""Parts that a running server reaches only when something is odd."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tapgen.local import caller, process, schemas, state
from tapgen.local.provisioner import forgiving
from tests.waiting import wait_until


def test_a_call_on_the_event_loop_is_refused_instead_of_hanging() -> None:
    async def on_the_loop() -> None:
        caller.call("sts", "GetCallerIdentity")

    # In a thread of its own: a browser of other tests may have a loop running in this one.
    with ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError, match="on the event loop"):
        pool.submit(asyncio.run, on_the_loop()).result()


def test_values_take_the_type_the_operation_asks_for() -> None:
    typed = caller.typed(
        "dynamodb",
        "CreateTable",
        {
            "DeletionProtectionEnabled": "true",
            "ProvisionedThroughput": {"ReadCapacityUnits": "5", "Unknown": "5"},
            "TableName": 7,
            "Tags": None,
        },
    )
    assert typed == {
        "DeletionProtectionEnabled": True,
        "ProvisionedThroughput": {"ReadCapacityUnits": 5, "Unknown": "5"},
        "TableName": "7",
        "Tags": None,
    }


def test_a_type_without_a_schema_has_no_create_only_properties() -> None:
    assert schemas.create_only("AWS::Not::There") is None
    assert schemas.required("AWS::Not::There") == ()


def test_a_record_set_is_replaced_when_its_name_changes() -> None:
    assert {"Name", "Type"} <= set(schemas.create_only("AWS::Route53::RecordSet") or ())


def test_only_what_is_gone_already_is_forgiven() -> None:
    def failing(code: str) -> None:
        def delete(_identifier: str, _properties: dict[str, object]) -> None:
            raise ClientError({"Error": {"Code": code, "Message": ""}}, "Delete")

        forgiving(delete)("id", {})

    failing("ResourceNotFoundException")
    with pytest.raises(ClientError):
        failing("AccessDenied")


def test_a_log_that_was_never_written_has_no_last_lines(tmp_path: Path) -> None:
    assert state.last_lines(tmp_path) == ""


def test_a_process_of_somebody_else_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_pid: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert process.alive(1)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's list of processes")
def test_a_dead_process_that_nobody_collected_is_not_alive() -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
    assert not process.alive(dead.pid)
    dead.wait()


def test_without_a_list_of_processes_one_that_answers_is_alive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process, "_PROCESSES", Path("/nowhere"))
    assert process.alive(os.getpid())


def test_a_server_that_ignores_the_polite_signal_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = tmp_path / "ready"
    stubborn = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"pathlib.Path({str(ready)!r}).touch(); time.sleep(600)"
    )
    monkeypatch.setattr(
        process, "_command", lambda *_, **_options: [sys.executable, "-c", stubborn]
    )
    pid = process.spawn(tmp_path, None, enforce_iam=False, minute=1.0)
    wait_until(ready.exists)
    process.terminate(pid, timeout=0.2)
    wait_until(lambda: not process.alive(pid))

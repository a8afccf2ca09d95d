from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tapgen.errors import TapgenError
from tapgen.local import client, process, server, state
from tests.conftest import aws_client
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.local.client import LocalAws


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    client.stop(tmp_path)


@pytest.mark.slow
def test_two_starts_at_once_give_one_server_that_stops_without_a_trace(project: Path) -> None:
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(lambda _: client.start(project), range(2))
    assert first == second == client.running(project)
    with pytest.raises(TapgenError, match=f"already running on port {first.port}"):
        client.start(project, port=first.port + 1)
    with pytest.raises(TapgenError, match="does not enforce IAM"):
        client.start(project, enforce_iam=True)

    assert client.stop(project)
    assert client.running(project) is None
    assert not process.alive(first.pid)
    assert not client.stop(project)
    assert {path.name for path in first.directory.iterdir()} == {state.LOCK, state.LOG}


@pytest.mark.slow
def test_a_server_started_by_another_process_is_found_and_stopped(project: Path) -> None:
    code = "import sys, pathlib, tapgen.local.client as c; c.start(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, str(project)], check=True)
    local = client.running(project)
    assert local is not None
    assert client.stop(project)
    assert not process.alive(local.pid)


def test_it_listens_on_loopback_only(local: LocalAws) -> None:
    table = Path("/proc/net/tcp")
    if not table.exists():
        pytest.skip("needs Linux's list of sockets")
    listening = [
        row.split()[1].split(":")
        for row in table.read_text().splitlines()[1:]
        if row.split()[3] == "0A"
    ]
    addresses = {address for address, port in listening if int(port, 16) == local.port}
    assert addresses == {"0100007F"}


def test_a_taken_port_fails_with_the_last_words_of_the_server(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(TapgenError) as caught:
            client.start(tmp_path, port=port)
    assert f"Port {port} on 127.0.0.1 is not free" in caught.value.message
    assert "server.log" in caught.value.hint


def test_a_request_that_names_no_host_is_answered(local: LocalAws) -> None:
    with socket.create_connection(
        ("127.0.0.1", local.port), timeout=PATIENCE_SECONDS
    ) as connection:
        connection.sendall(b"GET /_ministack/health HTTP/1.0\r\n\r\n")
        assert b" 200 " in connection.recv(64)


def test_the_preferred_port_is_left_to_whoever_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "PREFERRED_PORT", free_port())
    with server.listen(None) as first, server.listen(None) as second:
        assert first.getsockname() == ("127.0.0.1", server.PREFERRED_PORT)
        assert second.getsockname()[1] not in {0, server.PREFERRED_PORT}


@pytest.mark.slow
@pytest.mark.parametrize("reused", [False, True], ids=["gone", "process id used again"])
def test_a_killed_server_leaves_nothing_to_the_next_one(project: Path, *, reused: bool) -> None:
    killed = client.start(project, port=free_port())
    client.inject(killed, {"create:X": "no"})
    (killed.directory / state.TEMPORARY / "ministack-lambda-x").mkdir()
    os.kill(killed.pid, signal.SIGKILL)
    wait_until(lambda: not process.alive(killed.pid))
    if reused:
        mine = {"pid": os.getpid(), "port": killed.port, "version": "x"}
        state.write_json(killed.directory / state.SERVER, mine)
    local = client.start(project, port=free_port())
    assert local.pid != killed.pid
    assert not (local.directory / state.FAULTS).exists()
    assert not (local.directory / state.TEMPORARY / "ministack-lambda-x").exists()


@pytest.mark.slow
def test_a_server_that_lives_and_does_not_answer_is_not_replaced(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = client.start(project, port=free_port())
    os.kill(stopped.pid, signal.SIGSTOP)
    monkeypatch.setattr(process, "_ANSWER_SECONDS", 0.3)
    for look in (client.running, client.start):
        with pytest.raises(TapgenError, match="runs, but does not answer") as raised:
            look(project)
        assert f"kill -CONT {stopped.pid}" in raised.value.hint
    monkeypatch.undo()
    os.kill(stopped.pid, signal.SIGCONT)
    assert client.start(project) == client.running(project) == stopped
    os.kill(stopped.pid, signal.SIGSTOP)
    assert client.stop(project)
    assert not process.alive(stopped.pid)


@pytest.mark.slow
def test_a_server_that_is_at_work_on_a_stack_ends_by_itself(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = client.start(project, port=free_port())
    client.inject(local, {"hold": ["*"]})
    cloudformation = aws_client(local, "cloudformation", "123456789012", "eu-west-1")
    topic = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    cloudformation.create_stack(StackName="held", TemplateBody=json.dumps(topic))
    alive: list[bool] = []
    killpg = os.killpg

    def noticing(pid: int, number: int) -> None:
        alive.append(process.alive(pid))
        killpg(pid, number)

    monkeypatch.setattr(os, "killpg", noticing)
    monkeypatch.setattr(client, "_STOP_SECONDS", PATIENCE_SECONDS)
    assert client.stop(project)
    assert alive == [False]  # it was not ended by force


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_no_proxy_leads_to_it(local: LocalAws, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("no_proxy", "example.com")
    project = local.directory.parents[1]
    assert client.running(project) == client.start(project) == local
    settings = client.variables(local, "123456789012", "eu-west-1")
    assert settings["NO_PROXY"] == settings["no_proxy"] == "example.com,127.0.0.1"
    monkeypatch.delenv(name)
    assert "no_proxy" not in client.variables(local, "123456789012", "eu-west-1")


@pytest.mark.parametrize("listed", [True, False], ids=["/proc", "ps"])
def test_a_server_is_known_by_its_command_line(
    local: LocalAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, listed: bool
) -> None:
    if not listed:
        monkeypatch.setattr(process, "_PROCESSES", tmp_path / "none")
    assert process.serves(local)
    assert not process.serves(replace(local, pid=os.getpid()))
    assert not process.serves(replace(local, directory=tmp_path))
    assert not process.serves(replace(local, pid=2**22 + 1))


def test_a_server_that_is_not_ready_in_time_is_ended(tmp_path: Path) -> None:
    with pytest.raises(TapgenError, match="not ready after 0 seconds"):
        client.start(tmp_path, timeout=0.0)
    assert client.running(tmp_path) is None


def test_the_missing_extra_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(TapgenError) as caught:
        client.start(tmp_path)
    assert caught.value.hint.startswith("install tapgen with the extra `local`")


def test_what_a_dead_server_left_behind_is_cleaned(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    directory = state.directory(tmp_path)
    (directory / state.TEMPORARY / "ministack-lambda-x").mkdir(parents=True)
    state.write_json(directory / state.SERVER, {"pid": dead.pid, "port": 1, "version": "x"})
    assert client.running(tmp_path) is None
    assert list(directory.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"pid": "x", "port": 1}'])
def test_a_broken_server_file_counts_as_none(tmp_path: Path, text: str) -> None:
    directory = state.directory(tmp_path)
    directory.mkdir(parents=True)
    (directory / state.SERVER).write_text(text)
    assert client.running(tmp_path) is None


def test_another_program_on_the_port_is_not_taken_for_the_server(
    tmp_path: Path, local: LocalAws
) -> None:
    directory = state.directory(tmp_path)
    directory.mkdir(parents=True)
    for port in (local.port, free_port()):
        mine = {"pid": os.getpid(), "port": port, "version": "x"}
        state.write_json(directory / state.SERVER, mine)
        assert client.running(tmp_path) is None
    assert not client.stop(tmp_path)


def test_stop_without_a_state_directory_creates_none(tmp_path: Path) -> None:
    assert not client.stop(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_server_does_not_inherit_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    monkeypatch.setenv("AWS_PROFILE", "production")
    environment = process._environment(tmp_path)
    aws = {name: value for name, value in environment.items() if name.startswith("AWS_")}
    assert aws == {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    assert environment["TMPDIR"] == str(tmp_path)


def test_importing_the_client_loads_no_library_of_the_server() -> None:
    code = (
        "import sys, tapgen.local.client; "
        "print([m for m in ('boto3', 'botocore', 'ministack', 'hypercorn', 'click') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_variables_point_a_client_at_one_account(local: LocalAws) -> None:
    variables = client.variables(local, "123456789012", "eu-west-1")
    assert variables["AWS_ENDPOINT_URL"] == local.endpoint_url
    assert variables["AWS_ACCESS_KEY_ID"] == "123456789012"
    assert variables["AWS_REGION"] == variables["AWS_DEFAULT_REGION"] == "eu-west-1"


@pytest.mark.parametrize(
    ("url", "path", "headers"),
    [
        (
            "https://abc123.execute-api.eu-west-1.amazonaws.com/v1/transactions/7?a=b",
            "/restapis/abc123/v1/_user_request_/transactions/7?a=b",
            {},
        ),
        (
            "https://abc123.execute-api.eu-west-1.amazonaws.com/v1",
            "/restapis/abc123/v1/_user_request_/",
            {},
        ),
        (
            "https://d111.cloudfront.net/health",
            "/health",
            {"Host": "d111.cloudfront.net", "X-Forwarded-Proto": "https"},
        ),
        (
            "https://api.example.com",
            "/",
            {"Host": "api.example.com", "X-Forwarded-Proto": "https"},
        ),
    ],
)
def test_a_deployed_url_is_served_on_loopback(
    local: LocalAws, url: str, path: str, headers: dict[str, str]
) -> None:
    assert client.api_url(local, url) == (local.endpoint_url + path, headers)


@pytest.mark.slow
def test_reset_empties_accounts_and_faults(project: Path) -> None:
    local = client.start(project, port=free_port())
    client.inject(local, {"create:X": "no"})
    request = urllib.request.Request(f"{local.endpoint_url}/bucket", method="PUT")  # noqa: S310 - loopback
    urllib.request.urlopen(request).close()  # noqa: S310 - loopback
    client.reset(local)
    assert json.loads((local.directory / state.FAULTS).read_text()) == {}
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{local.endpoint_url}/bucket")  # noqa: S310 - loopback


def test_no_link_leads_the_state_out_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / ".tapgen").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TapgenError, match=r"local is a link to .*, which is outside the project"):
        client.start(tmp_path / "project")
    assert list((tmp_path / "elsewhere").iterdir()) == []

"""The lock of an environment: one run at a time, told by name, never stuck."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.lease import Held, Lease
from tapgen.deploy.flow.events import TakenOver
from tapgen.deploy.target import lock
from tapgen.deploy.target.lock import alone, holder, lock_name, locked, machine, untouched, working
from tapgen.errors import RefusedError, TapgenError
from tests.lab import told
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.deploy.target.run import Run
    from tapgen.deploy.target.target import Target
    from tests.lab import Lab

NAME = "/tapgen/lab/lock"


def run_of(lab: Lab) -> Run:
    return lab.run(lab.stack("network", {"Note": lab.note()}))


def target_of(lab: Lab) -> Target:
    return run_of(lab).target


def lease_of(lab: Lab) -> Lease:
    target = target_of(lab)
    return Lease(target.account, target.home_region, NAME)


def write(lab: Lab, **who: Any) -> None:
    lab.client("ssm").put_parameter(Name=NAME, Type="String", Value=json.dumps(who), Overwrite=True)


def document(lab: Lab) -> dict[str, Any]:
    """What the parameter says, whoever wrote it."""
    (found,) = lab.client("ssm").get_parameters(Names=[NAME])["Parameters"]
    parsed: dict[str, Any] = json.loads(found["Value"])
    return parsed


def exists(lab: Lab) -> bool:
    """Whether there is a lock that somebody has."""
    there = lab.client("ssm").get_parameters(Names=[NAME])["Parameters"]
    return bool(there) and not document(lab).get("over", False)


def written(lab: Lab, times: int) -> Held | None:
    held = lease_of(lab).read()
    return held if held.version >= times else None


def dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_second_run_is_told_who_is_at_work_and_stops(lab: Lab) -> None:
    with locked(run_of(lab), "deploy") as note:
        assert note is None
        said = holder(target_of(lab))
        assert said is not None
        assert said.startswith("`deploy` by ")
        assert f"(process {os.getpid()}, since 20" in said
        with pytest.raises(RefusedError) as raised, locked(run_of(lab), "destroy"):
            pass
        assert raised.value.message == f"{said} is at work on lab"
        assert raised.value.hint.startswith(
            "`tapgen watch --env lab --local` shows what it does. Wait until it ends. If it is "
            "dead, its lock expires 5 minutes after it was last renewed ("
        )
        assert re.search(r"renewed \(\d+ s ago\)\.$", raised.value.hint)
        assert exists(lab)
    assert holder(target_of(lab)) is None
    assert not exists(lab)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_the_lock_is_given_back_however_the_run_ends(lab: Lab, error: type[BaseException]) -> None:
    with pytest.raises(error), locked(run_of(lab), "deploy"):
        raise error
    assert not exists(lab)


def test_the_wrong_account_is_refused_before_anything_is_written(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(lab)
    run.target.account.client("sts", run.target.home_region)
    run.target.account.account_id = "123456789012"
    with pytest.raises(RefusedError, match="these credentials belong to account"):
        locked(run, "deploy").__enter__()
    assert not exists(lab)


def test_a_killed_run_on_this_machine_is_taken_over_at_once(lab: Lab) -> None:
    pid = dead_process()
    write(lab, command="deploy", user="ann", host="here", machine=machine(), pid=pid, since="noon")
    run = run_of(lab)
    with locked(run, "deploy") as note:
        assert note == (
            f"taking over from `deploy` by ann@here (process {pid}, since noon), "
            "which was interrupted"
        )
        assert run.state.unfinished == {"network"}
        run.state.unfinished.clear()
    assert not exists(lab)


def test_who_is_at_work_gives_signs_of_life(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(lab)
    target = run.target
    assert working(target) is None
    with locked(run, "deploy"):
        said = working(target_of(lab))
        assert said is not None
        assert said.startswith("`deploy` by ")
    write(lab, command="plan", machine="other", pid=1)
    assert (working(target) or "").startswith("`plan` by ")
    monkeypatch.setattr(lock, "LEASE_SECONDS", -2.0)  # AWS tells whole seconds
    assert working(target) is None


def test_what_was_taken_over_and_is_not_as_declared_goes_on_to_the_next_run(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run_of(lab)
    monkeypatch.setattr(lock, "RENEW_SECONDS", 0.05)
    with locked(first, "deploy"):
        first.state.taken_over |= {"network.Table", "gone.Table"}
        wait_until(lambda: document(lab)["taken_over"])  # in case the run is killed
        first.state.unfinished.add("network")
    assert document(lab)["taken_over"] == ["gone.Table", "network.Table"]
    second = run_of(lab)
    with locked(second, "deploy"):
        assert second.state.taken_over == {"network.Table"}
        second.state.taken_over.clear()
        second.state.unfinished.clear()
    assert document(lab)["taken_over"] == []


def test_what_is_unfinished_goes_on_to_the_next_run(lab: Lab) -> None:
    first, second, third = run_of(lab), run_of(lab), run_of(lab)
    with locked(first, "deploy"):
        first.state.unfinished.add("network")
    assert holder(first.target) is None
    assert working(first.target) is None
    with locked(second, "plan") as note:
        assert note is None  # nobody was broken off
        assert second.state.unfinished == {"network"}
        assert not untouched(first.target)
    with locked(third, "deploy"):
        assert third.state.unfinished == {"network"}
        third.state.unfinished.clear()
    assert untouched(first.target)


def test_layers_that_are_gone_are_nobodys_business(lab: Lab) -> None:
    write(lab, machine=machine(), pid=dead_process(), unfinished=["network", "gone"])
    run = run_of(lab)
    with locked(run, "deploy"):
        assert run.state.unfinished == {"network"}


def test_a_run_on_another_machine_is_believed_until_its_lease_ends(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(lab, command="deploy", user="ann", host="there", machine="other", pid=1, since="noon")
    with pytest.raises(RefusedError, match="ann@there"), locked(run_of(lab), "deploy"):
        pass
    monkeypatch.setattr(lock, "LEASE_SECONDS", -2.0)  # AWS tells whole seconds
    with locked(run_of(lab), "deploy") as note:
        assert note is not None
        assert "ann@there" in note


def test_a_process_of_somebody_else_is_alive(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    write(lab, machine=machine(), pid=1)

    def not_mine(_pid: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", not_mine)
    with pytest.raises(RefusedError, match="is at work"), locked(run_of(lab), "deploy"):
        pass


@pytest.mark.parametrize("text", ["no JSON", "[1]"])
def test_a_lock_that_tapgen_did_not_write_is_respected(lab: Lab, text: str) -> None:
    lab.client("ssm").put_parameter(Name=NAME, Type="String", Value=text)
    with (
        pytest.raises(RefusedError, match=r"`\?` by \?@\? "),
        locked(run_of(lab), "plan"),
    ):
        pass


def test_only_one_of_many_takes_over(lab: Lab) -> None:
    write(lab, machine=machine(), pid=dead_process())
    barrier = threading.Barrier(6)
    enough = threading.Barrier(6)
    results: list[object] = []

    def work() -> None:
        run = run_of(lab)
        run.target.verify_account()
        barrier.wait()
        try:
            with locked(run, "deploy") as note:
                results.append(note)
                enough.wait()
        except RefusedError as error:
            results.append(error)
            enough.wait()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(result, str) for result in results) <= 1
    assert sum(not isinstance(result, RefusedError) for result in results) <= 1


def test_the_lock_is_renewed_while_the_run_works(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "RENEW_SECONDS", 0.02)
    with locked(run_of(lab), "deploy"):
        held = wait_until(lambda: written(lab, 3))
        assert held.document["write"] == held.version


def test_where_no_thread_can_be_had_the_lock_is_given_back(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def limited(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", limited)
    with pytest.raises(RuntimeError, match="can't start new thread"), locked(run_of(lab), "x"):
        pass
    assert not exists(lab)


def test_a_run_that_lost_its_lock_begins_nothing_more(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "RENEW_SECONDS", 0.02)
    run = run_of(lab)
    (stack,) = run.target.stacks.values()
    with locked(run, "deploy"):
        write(lab, token="theirs")
        wait_until(lambda: run.state.lost_lock)
        with pytest.raises(RefusedError, match="another run has taken over lab"):
            run.cloudformation(stack)
        assert run.target.describe("network").status == "ABSENT"  # looking does no harm
    assert exists(lab)  # it is theirs


@pytest.mark.parametrize("fault", [TapgenError("no answer"), ValueError("a strange answer")])
def test_renewing_outlasts_faults(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    monkeypatch.setattr(lock, "RENEW_SECONDS", 0.02)
    failed = threading.Event()
    read = Lease.read

    def faulty(self: Lease) -> Held:
        if not failed.is_set():
            failed.set()
            raise fault
        return read(self)

    with locked(run_of(lab), "deploy"):
        monkeypatch.setattr(Lease, "read", faulty)
        wait_until(failed.is_set)
        monkeypatch.setattr(Lease, "read", read)
        wait_until(lambda: written(lab, 2))
    assert failed.is_set()
    assert not exists(lab)


def test_a_lock_given_back_between_two_calls_is_taken(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = run_of(lab)
    theirs = locked(other, "deploy")
    theirs.__enter__()
    replace = Lease.replace
    monkeypatch.setattr(lock, "LEASE_SECONDS", -2.0)  # theirs looks dead

    def late(self: Lease, held: Held, document: Mapping[str, Any]) -> bool:
        monkeypatch.setattr(Lease, "replace", replace)
        theirs.__exit__(None, None, None)
        return replace(self, held, document)

    monkeypatch.setattr(Lease, "replace", late)
    with locked(run_of(lab), "plan") as note:
        assert note is None
        assert document(lab)["command"] == "plan"


def test_the_parameter_stays_so_that_the_next_run_need_not_wait_for_its_name(lab: Lab) -> None:
    """AWS blocks the name of a deleted parameter for half a minute."""
    for version in (2, 4):
        with locked(run_of(lab), "deploy") as note:
            assert note is None
        assert written(lab, version)
    assert (document(lab)["over"], document(lab)["unfinished"]) == (True, [])
    assert untouched(target_of(lab))
    assert holder(target_of(lab)) is None


def test_a_parameter_that_somebody_deleted_is_made_when_its_name_is_free_again(lab: Lab) -> None:
    with locked(run_of(lab), "deploy"):
        pass
    lab.client("ssm").delete_parameter(Name=NAME)
    with locked(run_of(lab), "deploy") as note:
        assert note is None
        assert exists(lab)


def test_a_name_that_never_gets_free_is_told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lease, "replace", lambda *_: False)
    monkeypatch.setattr(lock, "_TAKE_SECONDS", 0.1)
    with (
        pytest.raises(TapgenError, match=f"taking {NAME} did not end within 0 s"),
        locked(run_of(lab), "x"),
    ):
        pass


def test_a_lock_that_could_not_be_given_back_is_nobodys(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Lease.replace
    with locked(run_of(lab), "deploy"):
        monkeypatch.setattr(Lease, "replace", unanswered)
    monkeypatch.setattr(Lease, "replace", replace)
    assert exists(lab)
    assert working(target_of(lab)) is None
    with locked(run_of(lab), "plan") as note:
        assert "taking over from `deploy`" in (note or "")


def unanswered(*_: Any) -> bool:
    raise TapgenError("no answer")


def test_whoever_writes_in_between_does_not_keep_a_run_from_giving_back(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Lease.replace
    answers = [False]
    with locked(run_of(lab), "deploy"):
        monkeypatch.setattr(
            Lease, "replace", lambda *given: answers.pop() if answers else replace(*given)
        )
    assert not answers
    assert not exists(lab)


def test_a_run_that_comes_too_late_takes_nothing_away(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes over a lock that it saw free, and is killed before it finds out."""
    before = lease_of(lab).read()
    monkeypatch.setattr(lock, "RENEW_SECONDS", 0.02)
    run = run_of(lab)
    with locked(run, "deploy"):
        late = {"token": "theirs", "machine": machine(), "pid": dead_process(), "after": 0}
        lab.client("ssm").put_parameter(
            Name=NAME, Type="String", Value=json.dumps(late), Overwrite=True
        )
        assert (holder(target_of(lab)) or "").startswith("`deploy` by ")
        with pytest.raises(RefusedError, match="is at work"), locked(run_of(lab), "plan"):
            pass
        wait_until(lambda: written(lab, 4))
        assert not run.state.lost_lock
    assert not exists(lab)
    assert before.version == 0


def test_machines_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    machine.cache_clear()
    if sys.platform == "linux":
        assert "pid:[" in machine()
    machine.cache_clear()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert machine().count("/") == 1
    machine.cache_clear()


def test_without_proc_the_name_of_the_host_has_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(_: Path) -> str:
        raise OSError

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(Path, "read_text", unreadable)
    machine.cache_clear()
    assert machine().count("/") == 1
    machine.cache_clear()


def test_a_user_without_a_name_is_a_number(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError

    monkeypatch.setattr("getpass.getuser", nameless)
    with locked(run_of(lab), "deploy"):
        assert f"by {os.getuid()}@" in (holder(target_of(lab)) or "")


def test_the_lock_is_named_after_the_stacks(lab: Lab) -> None:
    assert lock_name(target_of(lab)) == NAME


def test_whoever_is_faster_at_taking_over_is_named(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(lab, user="dead", machine=machine(), pid=dead_process())

    def too_late(self: Lease, held: Held, document: Mapping[str, Any]) -> bool:
        write(lab, user="ben", machine="other")
        return False

    monkeypatch.setattr(Lease, "replace", too_late)
    with (
        pytest.raises(RefusedError, match=r"by ben@\? .* is at work"),
        locked(run_of(lab), "deploy"),
    ):
        pass


def test_the_host_is_told_from_whom_the_lock_was_taken_over(lab: Lab) -> None:
    write(lab, command="deploy", user="ann", machine=machine(), pid=dead_process())
    run = run_of(lab)
    with alone(run, "drift --repair"):
        assert (holder(run.target) or "").startswith("`drift --repair` by ")
    (event,) = told(run)
    assert isinstance(event, TakenOver)
    assert event.environment == "lab"
    assert event.text.startswith("taking over from `deploy` by ann@")
    again = run_of(lab)
    with alone(again, "recover"):
        assert again.state.unfinished == {"network"}  # nobody has seen to it
    assert told(again) == []


def test_whoever_only_works_on_some_layers_leaves_no_others_unfinished(lab: Lab) -> None:
    with locked(run_of(lab), "deploy", []):
        assert document(lab)["unfinished"] == []
    with locked(run_of(lab), "deploy"):
        assert document(lab)["unfinished"] == ["network"]

from __future__ import annotations

import errno
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import click
import pytest

from tapgen.cli import machine
from tapgen.cli.boundary import guarded
from tapgen.cli.interruption import interrupt
from tapgen.cli.invocation import Invocation
from tapgen.errors import RefusedError, TapgenError, UsageError
from tests.cli.json_output import check_against


def ended(body: Callable[[], Any], *arguments: str) -> object:
    """The exit code of a command that does `body`."""

    @click.command()
    @click.option("--format", "output")
    def command(output: str | None) -> Any:
        assert output in {None, "json"}
        return body()

    with pytest.raises(SystemExit) as end:
        guarded(command, arguments)
    return end.value.code


def raising(error: BaseException) -> Callable[[], NoReturn]:
    def body() -> NoReturn:
        raise error

    return body


@pytest.mark.parametrize(("result", "code"), [(None, 0), (0, 0), (3, 3), ("text", 0)])
def test_a_command_ends_with_the_number_it_gives(result: object, code: int) -> None:
    assert ended(lambda: result) == code


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (TapgenError("no such thing", "do this"), 1, "error: no such thing\nnext: do this\n"),
        (TapgenError("no such thing"), 1, "error: no such thing\n"),
        (UsageError("not like that", "like this"), 2, "error: not like that\nnext: like this\n"),
        (RefusedError("data would be lost"), 4, "error: data would be lost\n"),
        (click.ClickException("Not like that."), 1, "error: not like that\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (click.Abort(), 130, "interrupted\n"),
        (click.exceptions.Exit(5), 5, ""),
    ],
)
def test_an_error_becomes_text_and_an_exit_code(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, said: str
) -> None:
    assert ended(raising(error)) == code
    assert capsys.readouterr() == ("", said)


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (TapgenError("no"), 1, "failed"),
        (UsageError("no"), 2, "usage"),
        (RefusedError("no"), 4, "refused"),
        (click.UsageError("no"), 2, "usage"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (ZeroDivisionError("no"), 70, "bug"),
    ],
)
def test_where_json_was_asked_for_an_error_is_json_too(
    capsys: pytest.CaptureFixture[str], logs: Path, error: BaseException, code: int, kind: str
) -> None:
    assert ended(raising(error), "--format", "json") == code
    out, err = capsys.readouterr()
    assert err.startswith(("error: ", "interrupted\n"))
    document = json.loads(out)
    check_against("error", document)
    assert (document["error"]["code"], document["error"]["kind"]) == (code, kind)
    assert ended(raising(error)) == code
    assert capsys.readouterr().out == ""
    assert logs.is_dir()


def test_an_error_that_a_document_holds_already_is_not_told_twice(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def body() -> NoReturn:
        error = TapgenError("no")
        machine.show({"environments": {}}, error)
        raise error

    assert ended(body, "--format", "json") == 1
    out, err = capsys.readouterr()
    assert (json.loads(out)["error"]["message"], err) == ("no", "error: no\n")


@pytest.mark.parametrize("shown", [False, True])
def test_commands_in_a_hint_repeat_where_the_files_are(
    capsys: pytest.CaptureFixture[str], *, shown: bool
) -> None:
    """In the text and in JSON, whether the error is in the result (`shown`) or alone."""

    def body() -> NoReturn:
        click.get_current_context().obj = Invocation(project_folder=Path("other"))
        error = TapgenError("no", "Run `tapgen render`.")
        if shown:
            machine.show({"environments": {}}, error)
        raise error

    hint = "Run `tapgen render --project other`."
    assert ended(body, "--format", "json") == 1
    out, err = capsys.readouterr()
    assert err == f"error: no\nnext: {hint}\n"
    assert json.loads(out)["error"]["hint"] == hint


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_bug_writes_its_traceback_to_a_file(
    capsys: pytest.CaptureFixture[str], logs: Path
) -> None:
    assert ended(raising(ZeroDivisionError("by zero"))) == 70
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert said.startswith("error: bug in tapgen: ZeroDivisionError: by zero\nnext: ")
    log = Path(re.findall(r"The traceback is in (.*)\.\n", said)[0])
    assert log.parent == logs
    assert log.read_text().startswith("Traceback")
    assert log.read_text().endswith("ZeroDivisionError: by zero\n")
    assert log.stat().st_mode & 0o777 == 0o600  # a traceback may show values


@pytest.mark.usefixtures("logs")
def test_code_that_ends_the_program_does_not_make_it_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ended(raising(SystemExit(0))) == 70
    assert capsys.readouterr().err.startswith("error: bug in tapgen: SystemExit: 0\n")


def test_too_few_open_files_are_no_bug(capsys: pytest.CaptureFixture[str]) -> None:
    def body() -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), "module.py")

    assert ended(body) == 1
    assert capsys.readouterr().err == (
        "error: Too many open files: module.py\n"
        "next: This shell allows too few open files: raise `ulimit -n` to 256 or more.\n"
    )


@pytest.mark.parametrize(
    ("number", "name", "told"),
    [
        (errno.ENAMETOOLONG, "a" * 300, f"cannot use {'a' * 120}...: File name too long"),
        (errno.EACCES, "/proc/1/cwd", "cannot use /proc/1/cwd: Permission denied"),
        (errno.EROFS, Path("out"), "cannot use out: Read-only file system"),
    ],
)
def test_a_file_that_cannot_be_used_is_no_bug(
    capsys: pytest.CaptureFixture[str], number: int, name: object, told: str
) -> None:
    def body() -> None:
        raise OSError(number, os.strerror(number), name)

    assert ended(body) == 1
    assert capsys.readouterr().err.startswith(f"error: {told}\nnext: Name another file")


def test_an_oserror_without_a_file_is_a_bug_still() -> None:
    def body() -> None:
        raise OSError(errno.EACCES, "what?")

    assert ended(body) == 70


def test_a_bug_is_told_even_where_no_file_can_be_written(
    capsys: pytest.CaptureFixture[str], logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(logs / "missing"))
    assert ended(raising(ZeroDivisionError("by zero"))) == 70
    said = capsys.readouterr().err
    assert said.startswith("Traceback")
    assert said.endswith("next: The traceback is above.\n")


def test_arguments_are_those_of_the_process_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["tapgen", "--nonsense"])
    with pytest.raises(SystemExit) as end:
        guarded(click.Command("x"))
    assert end.value.code == 2


def lost(number: int) -> None:
    """An interrupt whose exception goes the way that those in callbacks of the import lock go."""
    with suppress(KeyboardInterrupt):
        signal.raise_signal(number)


def losing(number: int, error: Exception | None = None) -> Callable[[], int]:
    def body() -> int:
        lost(number)
        if error:
            raise error
        return 0

    return body


@pytest.fixture
def signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("error", [None, RuntimeError("Error calling __set_name__")])
def test_an_interrupt_that_python_loses_counts_all_the_same(
    capsys: pytest.CaptureFixture[str], number: int, error: Exception | None
) -> None:
    assert ended(losing(number, error)) == 130
    assert capsys.readouterr().err == "interrupted\n"
    assert ended(lambda: 0) == 0  # the next one knows nothing of it


def test_what_was_interrupted_before_is_over() -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert ended(lambda: 0) == 0


@pytest.mark.usefixtures("signals")
def test_what_was_to_be_ignored_is(monkeypatch: pytest.MonkeyPatch) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    assert ended(lambda: signal.raise_signal(signal.SIGINT)) == 0


def test_a_reader_that_goes_away_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stderr = os.fdopen(os.dup(writing), "w")
    with os.fdopen(writing, "w") as stdout, monkeypatch.context() as patch:
        patch.setattr("sys.stdout", stdout)
        patch.setattr("sys.stderr", stderr)
        assert ended(lambda: click.echo("text that nobody reads")) == 141
        print("and more", flush=True)  # noqa: T201 - what the interpreter flushes at its end
        print("of it", file=stderr, flush=True)
    stderr.close()


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), 130), (TapgenError("interrupted", "again"), 1)]
)
@pytest.mark.parametrize("both", [True, False])
def test_an_error_stays_one_where_nobody_reads_it(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, *, both: bool
) -> None:
    def body() -> NoReturn:
        with suppress(BrokenPipeError):
            click.echo("text that nobody reads")
        raise error

    reading, writing = os.pipe()
    os.close(reading)
    talk = os.fdopen(os.dup(writing if both else 2), "w")
    with os.fdopen(writing, "w") as stdout, monkeypatch.context() as patch:
        patch.setattr("sys.stdout", stdout)
        patch.setattr("sys.stderr", talk)
        assert ended(body) == code
        print("and more", flush=True)  # noqa: T201 - what the interpreter flushes at its end
    talk.close()


def test_a_reader_that_goes_away_during_help_is_told_like_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stdout, monkeypatch.context() as patch:
        patch.setattr("sys.stdout", stdout)
        patch.setattr("sys.stderr", stdout)
        assert ended(lambda: None, "--help") == 141


@pytest.mark.parametrize(
    "body", [raising(TapgenError("no")), lambda: click.secho("no", fg="red", err=True)]
)
@pytest.mark.parametrize(("variable", "coloured"), [("", True), ("1", False)])
def test_colours_on_a_terminal_unless_no_color_is_set(
    terminal: Any,
    monkeypatch: pytest.MonkeyPatch,
    body: Callable[[], Any],
    variable: str,
    coloured: bool,
) -> None:
    monkeypatch.setenv("NO_COLOR", variable)
    with terminal.attached():
        ended(body)
    shown = terminal.shown()
    assert "no" in shown
    assert ("\x1b[31m" in shown) is coloured

"""The one place where errors become text and an exit code."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn

import click

from tapgen.cli.interruption import interrupted, noticing_interrupts, refuse_interrupted
from tapgen.cli.streams import stand_in_for_closed
from tapgen.cli.terminal import completed, echo, verbosity
from tapgen.errors import NO_FILES, OPEN_FILES, TapgenError, UsageError
from tapgen.model.parts.running import results

DIFFERENT: Final = 3  # findings, changes or drift
BUG: Final = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED: Final = 130  # 128 + SIGINT
READER_GONE: Final = 141  # 128 + SIGPIPE: the code of programs whose reader closed the pipe
COMPLETE_VARIABLE: Final = "_TAPGEN_COMPLETE"  # set by the completion scripts
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
# Errors that are caused by the name or the permissions of a file.
_OF_FILES: Final = (
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG),
    *(errno.ELOOP, errno.ENOTDIR, errno.EISDIR),
)
_LONGEST_NAME: Final = 120
_PROGRAM: Final = "tapgen"
_OBJECTS: Final = 100_000  # of some 100 bytes each


def guarded(command: click.Command, arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit: with 0 or its own code, or with the code of the error."""
    stand_in_for_closed()
    _collect_seldom()
    with noticing_interrupts():
        _guarded(command, arguments)


def _guarded(command: click.Command, arguments: Sequence[str] | None) -> NoReturn:
    color = False if os.environ.get("NO_COLOR") else None
    given = sys.argv[1:] if arguments is None else arguments
    try:
        result = _run(command, given, color)
        refuse_interrupted()
    except click.exceptions.Exit as end:  # --help and --version end so
        sys.exit(end.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        with _whoever_reads():
            error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _end(_in_our_words(error), given, color)
    except TapgenError as error:
        _end(error, given, color)
    except (KeyboardInterrupt, click.Abort):
        _end_interrupted(given)
    except BrokenPipeError:
        _give_up_output()
        sys.exit(READER_GONE)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the last resort: every bug ends here
        if interrupted():  # the error may be a consequence of the interrupt
            _end_interrupted(given)
        if isinstance(error, OSError):
            _end_by_machine(error, given, color)
        log = _write_log()
        whose = next(iter(getattr(error, "__notes__", ())), "tapgen")  # see `errors.blaming`
        words = f"bug in {whose}: {type(error).__name__}: {error}"
        _end(_BugError(words, f"The traceback is {log}."), given, color)
    sys.exit(result if isinstance(result, int) else 0)


def _end_by_machine(error: OSError, given: Sequence[str], color: bool | None) -> None:
    """End if the machine, the shell or a file's name is to blame; otherwise return."""
    if error.errno in _FULL:  # help and completion scripts
        _say(f"cannot write the output: {error.strerror}", "Free some space.", color)
        sys.exit(TapgenError.exit_code)
    if error.errno in NO_FILES:
        _end(TapgenError(f"{error.strerror}: {error.filename}", OPEN_FILES), given, color)
    if error.errno in _OF_FILES and error.filename:
        name = str(error.filename)
        shown = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."
        message = f"cannot use {shown}: {error.strerror}"
        _end(
            TapgenError(message, "Name another file or folder, or correct this one."), given, color
        )


class _BugError(TapgenError):
    """An unexpected error."""

    exit_code = BUG
    kind = "bug"


class _InterruptedError(TapgenError):
    """The run was interrupted."""

    exit_code = INTERRUPTED
    kind = "interrupted"


def _end(error: TapgenError, given: Sequence[str], color: bool | None) -> NoReturn:
    """Print the error as text, also as JSON if that was requested, and exit."""
    with _whoever_reads():
        _say(error.message, error.hint, color)
    _tell_programs(error, given)
    sys.exit(error.exit_code)


def _end_interrupted(given: Sequence[str]) -> NoReturn:
    error = _InterruptedError("interrupted")
    with _whoever_reads():
        echo(error.message, err=True)
    _tell_programs(error, given)
    sys.exit(error.exit_code)


def _tell_programs(error: TapgenError, given: Sequence[str]) -> None:
    """Print the error on stdout if JSON was requested and does not contain it yet."""
    if error.is_told or not any("json" in word for word in given):
        return
    from tapgen.cli import machine

    if machine.is_wanted(given):
        with _whoever_reads():
            machine.show_problem(machine.problem_of(error))


def _in_our_words(error: click.ClickException) -> TapgenError:
    """An error of click in tapgen's form: what happened, then what to do."""
    close = getattr(error, "possibilities", None)
    text = " ".join((error.message if close else error.format_message()).split()).rstrip(".")
    hints = [f"Did you mean {' or '.join(close)}?"] if close else []
    kind = UsageError if isinstance(error, click.UsageError) else TapgenError
    context = getattr(error, "ctx", None)
    if context is None and kind is UsageError:
        hints.append("Add `--help` to the command to see its options.")
    elif context:
        usage = " ".join(context.get_usage().split())
        hints.append(f"{usage} (`{context.command_path} --help` shows more)")
    return kind(text[:1].lower() + text[1:], " ".join(hints))


def _collect_seldom() -> None:
    """Let the garbage collector run only after many new objects, and not at the end.

    Nearly all objects of a command live as long as it does, so collecting is useless: after every
    700 objects it takes 4 % of `tapgen render`, and twice at the end another 6 %.
    """
    gc.set_threshold(_OBJECTS)
    atexit.register(gc.freeze)  # reference counting still frees objects immediately


def _run(command: click.Command, arguments: Sequence[str], color: bool | None) -> object:
    """Do what `click.Command.main` does, without its handling of errors and closed pipes."""
    instruction = os.environ.get(COMPLETE_VARIABLE)
    if instruction:
        from click.shell_completion import shell_complete

        return shell_complete(command, {}, _PROGRAM, COMPLETE_VARIABLE, instruction)
    began = time.monotonic()
    with command.make_context(_PROGRAM, list(arguments), color=color) as ctx:
        try:
            result = command.invoke(ctx)
        except TapgenError as error:  # while its options are known
            error.message, error.hint = completed(error.message), completed(error.hint)
            raise
        if verbosity() > 0:
            echo(f"{_project(ctx)} in {time.monotonic() - began:.2f} s", err=True)
        return result


def _project(ctx: click.Context) -> str:
    """Which tapgen ran, and on which project."""
    from tapgen import __version__

    where = f", project {ctx.obj.configuration.folder}" if ctx.obj.knows_project else ""
    return f"tapgen {__version__}{where}"


def _say(message: str, hint: str, color: bool | None) -> None:
    echo(f"{click.style('error:', fg='red', bold=True)} {message}", err=True, color=color)
    if hint:
        echo(f"{click.style('next:', fg='cyan', bold=True)} {hint}", err=True, color=color)


@contextmanager
def _whoever_reads() -> Iterator[None]:
    """Print something at the end; the reader may have closed the pipe in the meantime."""
    try:
        yield
        results().flush()
    except (BrokenPipeError, KeyboardInterrupt):  # see `echo`
        _give_up_output()
    except (OSError, TapgenError):  # it cannot be printed: the exit code must do
        _give_up_output()


def _give_up_output() -> None:
    """Discard further output after the reader closed the pipe (`tapgen outputs | head`).

    The exit code says so, as with other programs: unread output must not count as a success.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (results(), sys.stderr):
        os.dup2(nowhere, stream.fileno())


def _write_log() -> str:
    """Write the traceback to a log file, or to stderr if that is not possible; return where."""
    import tempfile
    import traceback

    try:
        descriptor, name = tempfile.mkstemp(prefix="tapgen-", suffix=".log")
        with os.fdopen(descriptor, "w") as log:
            log.write(traceback.format_exc())
    except OSError:
        traceback.print_exc()
        return "above"
    return f"in {Path(name)}"

"""The one place where errors become text and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

import click

from tapgen.errors import TapgenError

BUG: Final = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED: Final = 130  # 128 + SIGINT


def guarded(command: click.Command, arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit: 0 or its own code, else what the error stands for."""
    try:
        result = command.main(
            args=None if arguments is None else list(arguments),
            prog_name="tapgen",
            standalone_mode=False,
            color=False if os.environ.get("NO_COLOR") else None,
        )
    except TapgenError as error:
        _say(error.message, error.hint)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away (`tapgen outputs | head`): no reason to complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - the last resort: every bug ends here
        log = _write_log()
        _say(f"bug in tapgen: {type(error).__name__}: {error}", f"The traceback is in {log}.")
        sys.exit(BUG)
    sys.exit(result if isinstance(result, int) else 0)


def _say(message: str, hint: str) -> None:
    click.echo(f"{click.style('error:', fg='red', bold=True)} {message}", err=True)
    if hint:
        click.echo(f"{click.style('next:', fg='cyan', bold=True)} {hint}", err=True)


def _write_log() -> Path:
    import tempfile
    import traceback

    descriptor, name = tempfile.mkstemp(prefix="tapgen-", suffix=".log")
    with os.fdopen(descriptor, "w") as log:
        log.write(traceback.format_exc())
    return Path(name)

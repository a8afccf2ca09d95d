"""Commands in a separate terminal, and its content as an SVG."""

from __future__ import annotations

import fcntl
import os
import pty
import selectors
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from html import escape
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import Final

import pyte
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

from pictures.scenes import COLUMNS, DEPLOYED, PROJECT, SCENES, Scene

ROOT: Final = Path(__file__).parents[1]
_LINES: Final = 60
_PATIENCE_SECONDS: Final = 120.0
# pyte's names of colours -> Rich's.
_COLOURS: Final = {"default": None, "brown": "yellow", "brightblack": "bright_black"}
# Rich's own format, without the fonts that it would load from the web.
_FORMAT: Final = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" \
role="img" aria-labelledby="{unique_id}-title {unique_id}-desc">
<title id="{unique_id}-title">TITLE</title>
<desc id="{unique_id}-desc">DESCRIPTION</desc>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; \
font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def drawn(folder: Path) -> Iterator[tuple[str, str]]:
    """The name of each scene and its picture. The project is created in the empty `folder`."""
    project = folder / "worker"
    shutil.copytree(ROOT / PROJECT, project, ignore=shutil.ignore_patterns(".tapgen"))
    try:
        _run(project, DEPLOYED)
        for scene in SCENES:
            with _set(project, scene):
                yield scene.name, picture(scene, shown(project, scene))
    finally:
        _run(project, ("local", "stop"))


def shown(project: Path, scene: Scene) -> list[Text]:
    """The lines of a terminal in which the command of a scene runs."""
    screen = pyte.Screen(COLUMNS, _LINES)
    stream = pyte.ByteStream(screen)
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover - another program from here on
        os.chdir(project)
        os.execve(sys.executable, _words(scene.command), _environment())  # noqa: S606 - tapgen itself
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", _LINES, COLUMNS, 0, 0))
    try:
        for said in _said(terminal):
            stream.feed(said)
            if scene.until and all(text in "\n".join(screen.display) for text in scene.until):
                break
    finally:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)
    lines = [_line(screen, number) for number in range(_LINES)]
    while lines and not lines[-1].plain:
        lines.pop()
    return lines


def _said(terminal: int) -> Iterator[bytes]:
    """The output of a program to its terminal, until it ends."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with selectors.DefaultSelector() as waiting:  # select() stops at 1024 descriptors
        waiting.register(terminal, selectors.EVENT_READ)
        while waiting.select(max(0.0, deadline - time.monotonic())):
            try:
                said = os.read(terminal, 65536)
            except OSError:  # on Linux, this means that the other end is closed
                return
            if not said:
                return
            yield said
    raise TimeoutError(f"nothing ended within {_PATIENCE_SECONDS:.0f} s")


def _line(screen: pyte.Screen, number: int) -> Text:
    """A line with its styles."""
    text = Text()
    cells = [screen.buffer[number][column] for column in range(COLUMNS)]
    for (colour, bold), alike in groupby(cells, lambda cell: (cell.fg, cell.bold)):
        style = Style(color=_COLOURS.get(colour, colour), bold=bold)
        text.append("".join(cell.data for cell in alike), style)
    text.rstrip()
    return text


def picture(scene: Scene, lines: Sequence[Text]) -> str:
    """The lines as an SVG. Screen readers get the text."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), color_system="standard")
    command = Text.assemble(("$ ", "bold green"), (f"tapgen {' '.join(scene.command)}", "bold"))
    for line in (command, *lines):
        console.print(line, no_wrap=True, crop=True)
    text = "\n".join(line.plain for line in lines)
    form = _FORMAT.replace("TITLE", _plain(scene.title)).replace("DESCRIPTION", _plain(text))
    found = console.export_svg(
        title=scene.title,
        theme=SVG_EXPORT_THEME,
        code_format=form,
        unique_id=f"tapgen-{scene.name}",
    )
    return "".join(f"{line.rstrip()}\n" for line in found.splitlines())


def _plain(text: str) -> str:
    """Text, escaped for the format of the SVG."""
    return escape(text).replace("{", "{{").replace("}", "}}")


@contextmanager
def _set(project: Path, scene: Scene) -> Iterator[None]:
    """The project, changed for a scene, and restored afterwards."""
    faults = project / ".tapgen" / "local" / "faults.json"
    faults.write_text(scene.faults, encoding="utf-8")
    name, old, new = scene.edit or ("pyproject.toml", "", "")
    file = project / name
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(old, new), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(text, encoding="utf-8")
        faults.write_text("{}", encoding="utf-8")


def _run(project: Path, command: Sequence[str]) -> None:
    subprocess.run(  # noqa: S603 - tapgen itself
        [sys.executable, *_words(command)[1:]],
        cwd=project,
        env=_environment(),
        check=True,
        capture_output=True,
    )


def _words(command: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "tapgen", *command]


def _environment() -> dict[str, str]:
    left_out = ("NO_COLOR", "COLUMNS", "LINES", "AWS_PROFILE")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "TAPGEN_NO_CACHE": "1"}

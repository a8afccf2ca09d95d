"""A page for each command: its options, its exit codes and an example."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator
from importlib import import_module
from textwrap import dedent
from typing import Final

import click

from tapgen.cli.main import COMMANDS, cli, module_of
from tapgen.cli.schemas import SCHEMAS
from tests.paths import ROOT
from tests.reference.examples import example_of
from tests.reference.markdown import GENERATED, anchor, block, code, codes, prose, table

FOLDER: Final = ROOT / "docs" / "reference" / "commands"
# The codes with which any command may end; docs/architecture.md has all.
_ALWAYS: Final = {
    0: "done",
    1: "error, with what to do next; or a question was answered with no",
    2: "wrong usage",
    70: "bug in tapgen; the traceback is in the log file that the message names",
    130: "interrupted",
}
_DIFFERENT: Final = (3, "differences or findings, in commands that report them")
_REFUSED: Final = (
    4,
    "refused by a guard: for example, data would be lost or the account is a different one",
)
_INTRO: Final = (
    "One page for each command: its options, its exit codes, and an example with its output.\n"
    "[Command line conventions](../commands.md) describes what all commands have in common."
)


def pages() -> dict[str, str]:
    """File below docs/reference -> text."""
    found = {f"commands/{name}.md": _page(name) for name in COMMANDS}
    return {"commands.md": _overview(), **found}


def _overview() -> str:
    parts = [
        GENERATED,
        "# Commands\n",
        f"{_INTRO}\n",
    ]
    for section in dict.fromkeys(entry.section for entry in COMMANDS.values()):
        rows = [
            f"- [tapgen {name}](commands/{name}.md): {prose(entry.summary)}\n"
            for name, entry in COMMANDS.items()
            if entry.section == section
        ]
        parts.append(f"## {section.heading}\n\n{''.join(rows)}")
    return "\n".join(parts)


def _page(name: str) -> str:
    command = import_module(module_of(name)).command
    top = click.Context(cli, info_name="tapgen")
    parts = [GENERATED, f"# tapgen {name}\n", *_described(command, top, name, level=2)]
    return "\n".join(parts)


def _described(
    command: click.Command, above: click.Context, name: str, level: int
) -> Iterator[str]:
    ctx = click.Context(command, above, info_name=name.rpartition(" ")[2])
    yield f"{prose(_unwrapped(command.help or ''))}\n"
    yield block(" ".join(["tapgen", name, *command.collect_usage_pieces(ctx)]))
    if isinstance(command, click.Group):
        yield from _after(command)
        for inner, one in command.commands.items():
            yield f"{'#' * level} tapgen {name} {inner}\n"
            yield from _described(one, ctx, f"{name} {inner}", level + 1)
        return
    heading = "#" * level
    yield f"{heading} Options of `tapgen {name}`\n" if level > 2 else f"{heading} Options\n"
    yield table(["option", "value", "description"], _options(command, ctx, name))
    yield from _after(command)
    if example := example_of(name):
        page = os.path.relpath(example.page, FOLDER)
        title = re.match(r"# (.*)", example.page.read_text())
        assert title
        yield f"Example output (from [{title[1]}]({page})):\n"
        yield block(example.text, "console")
    yield table(["exit code", "meaning"], ([str(at), text] for at, text in _codes(command)))
    schemas = [one for one, those in SCHEMAS.items() if name in {_bare(each) for each in those}]
    if schemas:
        links = ", ".join(f"[{one}](../schemas.md#{anchor(one)})" for one in schemas)
        yield f"JSON output: {links}.\n"


def _bare(command: str) -> str:
    return command.partition(" --")[0]


def _options(command: click.Command, ctx: click.Context, name: str) -> Iterator[list[str]]:
    """A row for each option. Its anchor is that of `option_anchor`, and a link to itself."""
    for param in command.get_params(ctx):
        if not isinstance(param, click.Option) or param.hidden or "--help" in param.opts:
            continue
        record = param.get_help_record(ctx)
        assert record
        names = re.match(r"((?:-\w, )?--[\w-]+(?: / --[\w-]+)?)", record[0])
        assert names, record
        extra = param.get_help_extra(ctx)
        value = "" if param.is_flag else _value(param, ctx)
        if "required" in extra:
            value += ", required"
        if "default" in extra:
            value += f"; by default {code(extra['default'])}"
        address = option_anchor(name, names[1])
        shown = f'<a id="{address}"></a>[{codes(names[1].split(", "))}](#{address})'
        yield [shown, value, prose(param.help or "")]


def option_anchor(command: str, names: str) -> str:
    """The address of an option within its command's page: `deploy-allow-replacement`."""
    found = re.search(r"--([\w-]+)", names)
    assert found, names
    return f"{command.replace(' ', '-')}-{found[1]}"


def _value(param: click.Option, ctx: click.Context) -> str:
    kind = param.type
    if isinstance(kind, click.Choice):
        return ", ".join(code(str(one)) for one in kind.choices)
    if isinstance(kind, click.IntRange):
        return f"a whole number from {kind.min} to {kind.max}"
    return code(param.make_metavar(ctx))


def _after(command: click.Command) -> Iterator[str]:
    """The end of the help: examples and remarks."""
    for part in filter(None, (command.epilog or "").split("\n\n")):
        if part.startswith("\b\n"):
            yield block(dedent(part.removeprefix("\b\n")))
        else:
            yield f"{prose(_unwrapped(part))}\n"


def _unwrapped(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n"))


def _codes(command: click.Command) -> list[tuple[int, str]]:
    """Every exit code; 3 if the command's own function uses it, 4 if it calls AWS."""
    assert command.callback
    found = list(_ALWAYS.items())
    if "DIFFERENT" in inspect.getsource(inspect.unwrap(command.callback)):
        found.append(_DIFFERENT)
    if any("--profile" in param.opts for param in command.params):
        found.append(_REFUSED)
    return sorted(found)

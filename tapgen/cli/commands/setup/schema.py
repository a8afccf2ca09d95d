"""`tapgen schema`."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from tapgen.cli import options
from tapgen.cli.terminal import echo


def _complete(_ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from tapgen.cli.schemas import SCHEMAS

    return [CompletionItem(name) for name in SCHEMAS if name.startswith(incomplete)]


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen schema               all of them, with their commands\n"
    "  tapgen schema plan          of `tapgen plan --format json`\n"
    "  tapgen schema deploy        of a line of its JSON stream\n"
    "  tapgen schema error         of an error, printed instead of a result\n\n"
    "`tapgen env schema` prints the schema of the settings."
)
@click.argument("name", required=False, metavar="NAME", shell_complete=_complete)
@options.shared
def command(name: str | None) -> None:
    """Print the JSON Schema of a command's JSON output."""
    from tapgen.cli import schemas
    from tapgen.cli.views.text import table

    if name:
        echo(schemas.schema_text(name), nl=False)
        return
    rows = [[each, ", ".join(of) or schemas.OTHERS[each]] for each, of in schemas.SCHEMAS.items()]
    echo(table(["schema", "commands"], rows))

"""`tapgen outputs`."""

from __future__ import annotations

from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation
from tapgen.cli.terminal import echo


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen outputs --env dev --format flat     writes cfn-outputs/flat-outputs.json\n"
    "  tapgen outputs --env dev --format dotenv   lines for a shell or a .env file"
)
@options.environment
@options.layers
@options.output_format("table", "json", "flat", "dotenv")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("cfn-outputs"),
    show_default=True,
    help="Folder that `--format flat` writes to.",
)
@options.aws
@options.shared
@click.pass_obj
def command(
    invocation: Invocation, name: str, layers: tuple[str, ...], output: str, out: Path
) -> None:
    """Show the outputs of each stack, or write them to a file."""
    from tapgen.cli.views import outputs as view
    from tapgen.deploy.observe.inspection import outputs
    from tapgen.render.files import write_atomically

    target = invocation.target(name)
    found = outputs(target, target.part(layers))
    if output == "flat":
        endpoint = target.account.connection.endpoint_url
        about = {
            "environment": name,
            "account_id": target.account.account_id,
            "region": target.stacks[next(iter(found))].region,
            **({"endpoint_url": endpoint} if endpoint else {}),
        }
        path = out / "flat-outputs.json"
        write_atomically(path, view.outputs_flat(found, about))
        echo(f"wrote {path}")
        return
    views = {
        "table": view.outputs_table,
        "json": view.outputs_json,
        "dotenv": view.outputs_dotenv,
    }
    echo(views[output](found))

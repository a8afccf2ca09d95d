"""`tapgen evidence`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation
from tapgen.errors import TapgenError, UsageError

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen evidence prod --out evidence.zip --from 2026-01-01 --to 2026-03-31\n"
    "  tapgen evidence prod --sign evidence.zip --profile approver\n\n"
    "The archive is signed immediately if the credentials allow it, otherwise later by an "
    "approver. Days are in UTC; the first and the last day are included."
)
@options.environment(looks=True)
@click.option(
    "--from",
    "since",
    type=_DAY,
    metavar="DAY",
    help="First day; by default that of the first release.",
)
@click.option("--to", "until", type=_DAY, metavar="DAY", help="Last day; by default today.")
@click.option(
    "--out",
    type=options.FilePath(dir_okay=False),
    metavar="FILE",
    help="Archive to write; evidence-NAME.zip by default.",
)
@click.option(
    "--controls",
    type=options.FilePath(exists=True, dir_okay=False),
    multiple=True,
    metavar="FILE",
    help="File to include, such as a map of controls; may be repeated.",
)
@click.option(
    "--sign",
    "unsigned",
    type=options.FilePath(exists=True, dir_okay=False),
    metavar="FILE",
    help="Sign this existing archive instead of creating one.",
)
@click.option("--force", is_flag=True, help="Overwrite a file that is not evidence.")
@options.on_aws("text", "json")
def command(
    invocation: Invocation,
    name: str,
    since: datetime | None,
    until: datetime | None,
    out: Path | None,
    controls: tuple[Path, ...],
    unsigned: Path | None,
    force: bool,
    output: str,
) -> None:
    """Gather and sign evidence about an environment for an assessor."""
    from tapgen.cli.views.pages import evidence as view
    from tapgen.operations.audit import evidence

    project = invocation.project
    if unsigned:
        if since or until or out or controls:
            raise UsageError(
                "--sign cannot be used with --from, --to, --out or --controls: it signs an "
                "existing archive",
                "Leave out the others.",
            )
        view.show_signed(evidence.sign_evidence(project, name, unsigned), output)
        return
    first, end = _utc(since), _utc(until)
    if end:
        end += timedelta(days=1)
    evidence.refuse_backwards(first, end)
    path = out or Path(f"evidence-{name}.zip")
    evidence.refuse_foreign_file(path, force=force)
    named = {file.name: file.read_bytes() for file in controls}
    if len(named) < len(controls):
        raise UsageError("two --controls files have the same name", "Rename one of them.")
    found = evidence.evidence(project, name, first, end)
    manifest = view.write(found, named, path)
    signed: evidence.Signed | TapgenError
    try:
        signed = evidence.sign_evidence(project, name, path)
    except TapgenError as error:
        signed = error
    view.show(manifest, path, signed, project.suffix, output)


def _utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None

"""The output of `tapgen evidence`: an archive with a manifest and a page for readers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any, Final

import click

from tapgen import __version__
from tapgen.cli import machine
from tapgen.cli.terminal import echo
from tapgen.cli.views.drift import drift_record
from tapgen.cli.views.parity import parity_record
from tapgen.errors import TapgenError
from tapgen.model.evidence import MANIFEST, manifest_text
from tapgen.model.release import moment
from tapgen.operations.audit.evidence import Evidence, Signed, archive
from tapgen.render.files import write_atomically

_PAGE: Final = "index.html"
_CONTROLS: Final = "controls"


def write(found: Evidence, controls: Mapping[str, bytes], out: Path) -> dict[str, Any]:
    """Write the archive and return its manifest. `controls` are files to include, by name."""
    from tapgen.cli.views.pages.evidence_page import html

    files = {**found.documents, **{f"{_CONTROLS}/{name}": one for name, one in controls.items()}}
    files["access.json"] = _json(found.access)
    files["drift.json"] = _json(_or_problem(found.drift, drift_record))
    files["parity.json"] = _json(_or_problem(found.parity, parity_record))
    files[_PAGE] = html(found, sorted([*files, _PAGE])).encode()
    manifest = manifest_text(_about(found), files)
    write_atomically(out, archive({**files, MANIFEST: manifest}))
    told: dict[str, Any] = json.loads(manifest)
    return told


def show(
    manifest: Mapping[str, Any], out: Path, signed: Signed | TapgenError, suffix: str, output: str
) -> None:
    """Print what was written, and how to sign it if it is not signed."""
    if output == "json":
        told = None if isinstance(signed, TapgenError) else _signature(signed)
        machine.show({"path": str(out), "manifest": manifest, "signature": told})
    else:
        count = len(manifest["releases"])
        since = f" from {moment(manifest['since'])}" if manifest["since"] else ""
        until = f"until {moment(manifest['until'])} UTC"
        what = f"{count} release{'' if count == 1 else 's'}{since} {until}"
        echo(f"{manifest['environment']}: {what}, {len(manifest['files'])} files")
        echo(f"wrote {out}")
    for problem in manifest["problems"]:
        echo(click.style(f"{manifest['environment']}: {problem}", fg="yellow"), err=True)
    if isinstance(signed, TapgenError):
        again = f"tapgen evidence {manifest['environment']} --sign {quote(str(out))}{suffix}"
        echo(f"It is not signed: {signed.message}", err=True)
        echo(f"next: {signed.hint} Then `{again}` signs it.", err=True)
    else:
        show_signed(signed, output="" if output == "json" else output)


def show_signed(signed: Signed, output: str) -> None:
    """Print who signed an archive, and with which key."""
    if output == "json":
        machine.show({"path": str(signed.path), "manifest": None, "signature": _signature(signed)})
    elif output:
        echo(f"signed by {signed.attestation.signer} with {signed.key}")


def _about(found: Evidence) -> dict[str, Any]:
    return {
        "environment": found.environment,
        "account_id": found.account_id,
        "region": found.region,
        "prefix": found.prefix,
        "platform": found.platform,
        "ledger": found.ledger,
        "since": found.since,
        "until": found.until,
        "made": found.made,
        "by": found.caller,
        "tapgen": __version__,
        "releases": [release.number for release in found.releases],
        "problems": list(found.problems),
    }


def _signature(signed: Signed) -> dict[str, str]:
    one = signed.attestation
    return {
        "signer": one.signer,
        "signed": one.signed,
        "key": signed.key,
        "manifest_sha256": one.manifest_sha256,
    }


def _or_problem(found: Any, record: Any) -> dict[str, Any]:
    return {"problem": found.message} if isinstance(found, TapgenError) else record(found)


def _json(value: Mapping[str, Any]) -> bytes:
    return f"{json.dumps(value, indent=2, sort_keys=True, default=str)}\n".encode()

"""Evidence from an environment's ledger and from AWS, gathered and signed.

Nothing here changes an environment. If something cannot be read, the evidence has the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from shlex import quote
from typing import Any, TypeVar

from tapgen.aws.baseline.access import Access
from tapgen.deploy.flow.events import DriftFound
from tapgen.deploy.record.agreement import disagreements
from tapgen.deploy.record.ledger import Ledger, template_key
from tapgen.deploy.record.mending import completed, now
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError, TapgenError, UsageError
from tapgen.model.baseline import ROLES, role_name
from tapgen.model.evidence import (
    MANIFEST,
    SIGNATURE,
    Attestation,
    checked,
    signature_text,
    signed_text,
)
from tapgen.model.release import TIME, Release
from tapgen.operations.observation import drift
from tapgen.operations.sameness import parity
from tapgen.project import Project
from tapgen.render.code.archive import packed, unpacked
from tapgen.render.files import write_atomically
from tapgen.review.parity.comparison import Parity

Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Evidence:
    """The evidence of one environment, for releases that started within a period.

    - `since`, `until`: the period, UTC, in the format of records; "" is the start of the ledger.
    - `releases`: those of the period, oldest first.
    - `documents`: the ledger's own files by key: releases, approvals, templates.
    - `access`: roles and permissions, see `aws.baseline.access`.
    - `drift`, `parity`: the present state of the environment, or why it cannot be read.
    - `problems`: faults of the record.
    """

    environment: str
    account_id: str
    region: str
    prefix: str
    platform: str
    ledger: str
    since: str
    until: str
    made: str
    caller: str
    releases: tuple[Release, ...]
    documents: Mapping[str, bytes]
    access: Mapping[str, Any]
    drift: DriftFound | TapgenError
    parity: Parity | TapgenError
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signed:
    """An archive, and the attestation that it was signed with."""

    path: Path
    attestation: Attestation
    key: str = field(default="")


def evidence(
    project: Project, environment: str, since: datetime | None, until: datetime | None
) -> Evidence:
    """Gather the evidence that an assessor asks for; changes nothing.

    - `project`: the project of the environment.
    - `environment`: its name.
    - `since`: only releases that started at or after this time, UTC; None is the start of the
      ledger.
    - `until`: only releases that started before this time, UTC; None is now.

    Returns the evidence. Where access, drift or parity cannot be read, it contains the reason
    instead.

    Raises `RefusedError` if the credentials belong to another account, `TapgenError` if the ledger
    cannot be read.
    """
    target = project.target(environment)
    target.verify_account()
    ledger = project.ledger(target)
    began, ends = (time.strftime(TIME) if time else "" for time in (since, until))
    made = now()
    numbers = [*ledger.numbers()]
    found = completed(ledger, target, ledger.read_all(numbers))
    releases = tuple(
        one for one in found if began <= one.begun.began and (not ends or one.begun.began < ends)
    )
    # Read only now, because `completed` may have written the ends of killed runs.
    documents = ledger.documents(one.number for one in releases)
    problems = [*_gaps(numbers)]
    for release in releases:
        documents |= _approvals(ledger, release)
    templates, missing = _templates(ledger, releases)
    documents |= templates
    problems += missing
    newest = [*reversed(found)]
    problems += [
        f"{layer}: {text}" for layer, text in disagreements(target, newest, whole=True).items()
    ]
    return Evidence(
        environment=environment,
        account_id=target.account.account_id,
        region=target.home_region,
        prefix=target.prefix,
        platform=project.platform.name,
        ledger=ledger.name,
        since=began,
        until=ends or made,
        made=made,
        caller=target.account.caller(target.home_region),
        releases=releases,
        documents=documents,
        access=_access(target),
        drift=_seen(lambda: drift(project, environment)),
        parity=_seen(lambda: parity(project, ())),
        problems=tuple(dict.fromkeys(problems)),
    )


def sign_evidence(project: Project, environment: str, path: Path) -> Signed:
    """Sign evidence with the approval key of its environment, and add the signature to the archive.

    - `project`: the project of the environment.
    - `environment`: its name.
    - `path`: the archive. An existing signature is replaced.

    Returns what was signed.

    Raises `RefusedError` if a file in it does not match its manifest, or it belongs to another
    environment; `TapgenError` if the caller may not sign.
    """
    try:
        files = files_of(path.read_bytes())
    except (OSError, ValueError) as error:
        raise RefusedError(
            f"{path} cannot be signed: {error}",
            f"Name an archive that `tapgen evidence {environment} --out FILE{project.suffix}` has "
            "written. If it was changed since, gather the evidence again.",
        ) from error
    target = project.target(environment)
    target.verify_account()
    told = json.loads(files[MANIFEST])
    owner = (environment, target.account.account_id)
    if (of := (told.get("environment"), told.get("account_id"))) != owner:
        signing = f"tapgen evidence {quote(str(of[0]))} --sign {quote(str(path))}{project.suffix}"
        raise RefusedError(
            f"{path} is evidence of {of[0]} in account {of[1]}",
            f"Name that environment: `{signing}`.",
        )
    attestation = Attestation(
        environment=environment,
        account_id=target.account.account_id,
        manifest_sha256=sha256(files[MANIFEST]).hexdigest(),
        signer=target.account.caller(target.home_region),
        signed=datetime.now(UTC).strftime(TIME),
    )
    key, signature = project.approval_key(target).sign(signed_text(attestation))
    signed = signature_text(attestation, key, signature)
    write_atomically(path, archive({**files, SIGNATURE: signed}))
    return Signed(path, attestation, key)


def archive(files: Mapping[str, bytes]) -> bytes:
    """The files as one archive: the same bytes for the same files."""
    return packed(sorted(files.items()))


def files_of(content: bytes) -> Mapping[str, bytes]:
    """The files of an archive. Raises `ValueError` if it is not evidence, or was changed."""
    return checked(unpacked(content))


def refuse_foreign_file(out: Path, *, force: bool) -> None:
    """Raise `RefusedError` if `out` exists and is not earlier evidence."""
    if force or not out.exists():
        return
    try:
        files_of(out.read_bytes())
    except (OSError, ValueError) as error:
        raise RefusedError(
            f"{out} exists and is not evidence: {error}",
            "Name another file with --out, or overwrite it with --force.",
        ) from error


def refuse_backwards(since: datetime | None, until: datetime | None) -> None:
    """Raise `UsageError` if the period ends before it begins."""
    if since and until and until <= since:
        raise UsageError(
            "--to is before --from",
            "Both days are included: --from 2026-01-01 --to 2026-01-31.",
        )


def _gaps(numbers: list[int]) -> Iterator[str]:
    """Yield missing numbers: they are consecutive, so a missing release was removed."""
    there = set(numbers)
    for number in range(1, max(there, default=0)):
        if number not in there:
            yield f"release {number} is not in the ledger"


def _approvals(ledger: Ledger, release: Release) -> dict[str, bytes]:
    digest = release.begun.plan_digest
    return {one.key: one.text for one in ledger.approvals(digest)} if digest else {}


def _templates(ledger: Ledger, releases: Sequence[Release]) -> tuple[dict[str, bytes], list[str]]:
    """The templates of releases by key, and problems with those that are missing or changed."""
    needed = [(key, release.number) for release in releases for key in release.begun.content]
    contents = ledger.contents(key for key, _ in needed)
    found: dict[str, bytes] = {}
    problems = []
    for key, number in needed:
        text = contents[key]
        if text is None:
            problems.append(f"release {number}: {key} is not in the ledger")
        elif key.endswith(".json") and key != template_key(sha256(text).hexdigest()):
            problems.append(f"release {number}: the content of {key} does not match its name")
        elif key.endswith(".json"):
            found[key] = text
    return found, problems


def _access(target: Target) -> dict[str, Any]:
    """The roles of the baseline and CloudFormation's role, the approval key, the ledger."""
    names = [role_name(target.prefix, purpose) for purpose in ROLES]
    if role := target.options.role_arn:
        names.append(role.rpartition("/")[2])
    access = Access(target.account, target.home_region)
    bucket = target.options.ledger
    return {
        "roles": access.roles(dict.fromkeys(names)),
        "approval_key": access.key(target.prefix),
        "ledger": access.ledger(bucket) if bucket else {"problem": "it is not a bucket"},
        "approvals_wanted": target.options.approvals,
    }


def _seen(look: Callable[[], Seen]) -> Seen | TapgenError:
    """The result of `look`, or its error."""
    try:
        return look()
    except TapgenError as error:
        return error

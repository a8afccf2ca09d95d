"""The evidence page, see `views.pages.html`: the content of the other files, for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from tapgen import __version__
from tapgen.cli.views.drift import summary
from tapgen.cli.views.pages.html import environment, own, policy, trusted
from tapgen.cli.views.parity import verdict
from tapgen.errors import TapgenError
from tapgen.model.release import moment
from tapgen.operations.audit.evidence import Evidence

if TYPE_CHECKING:
    from jinja2 import Environment

    from tapgen.model.release import Release

_REPORT: Final = "tapgen.cli.views.report"
"""The page also uses the style of this package."""


def html(found: Evidence, files: Sequence[str]) -> str:
    """The whole page; `files` are the names of all files of the archive."""
    style = own(_REPORT, "page.css")
    page = _jinja().get_template("evidence.html")
    return page.render(
        found=found,
        releases=[_release(one) for one in reversed(found.releases)],
        roles=[*_roles(found.access["roles"])],
        key=found.access["approval_key"],
        ledger=found.access["ledger"],
        drift=_said(found.drift, lambda one: summary(one.environment, one.layers, one.way_back)),
        parity=_said(found.parity, verdict),
        files=files,
        style=trusted(style),
        policy=policy(style),
        version=__version__,
    )


@cache
def _jinja() -> Environment:
    jinja = environment(__package__)
    jinja.filters["time"] = moment
    return jinja


def _release(release: Release) -> dict[str, Any]:
    begun, ended = release.begun, release.ended
    commit = begun.commit
    return {
        "number": release.number,
        "began": begun.began,
        "ended": ended.ended if ended else "",
        "command": begun.command,
        "outcome": ended.outcome if ended else "not known",
        "by": begun.caller,
        "commit": f"{commit.id}{' and more' if commit.dirty else ''}" if commit else "",
        "plan": begun.plan_digest,
        "approvals": [one["approval"] for one in begun.approvals],
        "lifted": " ".join(begun.lifted),
        "reason": begun.reason,
    }


def _roles(roles: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Who can assume each role and what it allows, from its policies."""
    for name, role in roles.items():
        documents = {**role.get("inline", {}), **role.get("attached", {})}
        yield {
            "name": name,
            "problem": role.get("problem", ""),
            "trust": _text(role.get("trust", {})),
            "boundary": role.get("boundary", ""),
            "policies": {title: _text(document) for title, document in documents.items()},
        }


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, sort_keys=True)


def _said(found: Any, sentence: Any) -> str:
    if isinstance(found, TapgenError):
        return f"It could not be read: {found.message}"
    return str(sentence(found))

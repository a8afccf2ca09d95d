"""Tokens of requests that change a stack."""

from __future__ import annotations

import re
from typing import Final
from uuid import uuid4

_RELEASE: Final = re.compile(r"tapgen-release-(\d+)-")


def request_token(release: int | None = None) -> str:
    """A token by which AWS recognises a request that is sent again because its answer was lost.

    It also contains the number of the `release`. "All events triggered by a given stack operation
    are assigned the same client request token", and the console shows it (CloudFormation API
    reference, StackEvent). So a stack's events show the release that changed it, without a change
    to its template or to tags.
    """
    return f"tapgen-{uuid4()}" if release is None else f"tapgen-release-{release}-{uuid4()}"


def release_of(token: str) -> int | None:
    """The number of the release in a request's token; None if it has none."""
    found = _RELEASE.match(token)
    return int(found[1]) if found else None

"""boto3 sessions for clients, with the parts that all sessions share."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any, Final

import boto3.session
import botocore.session
from botocore.loaders import Loader, create_loader
from botocore.utils import parse_timestamp

from tapgen.aws.answers import Parsers

# Configuration of a session with explicit keys: it reads none of the user's files.
_ALONE: Final = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


def new_session(profile: str | None = None, *, alone: bool = False) -> boto3.session.Session:
    """A session with the credentials of `profile`, or those of the environment.

    One that is `alone` reads no configuration and no profile: its user passes keys.

    All sessions read the service models through one loader, which caches them: reading is most of
    the cost of a client (nine clients of another session: 0.2 s of CPU without it, 0.04 s with it).

    Raises botocore's `ProfileNotFound`.
    """
    core = botocore.session.Session(_ALONE if alone else None, profile=profile)
    core.register_component("data_loader", _loader(core.get_config_variable("data_path")))
    parsers = Parsers()
    parsers.set_parser_defaults(timestamp_parser=_timestamp)
    core.register_component("response_parser_factory", parsers)
    return boto3.session.Session(botocore_session=core)


@cache
def _loader(search_path: str | None) -> Loader:
    return create_loader(search_path)


def _timestamp(value: Any) -> datetime:
    """Read a timestamp. Nearly all are in ISO 8601, which is faster to parse directly.

    A page of 60 events takes 1.3 ms instead of 4.2.
    """
    if isinstance(value, str) and value[4:5] == "-":
        with suppress(ValueError):
            return datetime.fromisoformat(value)
    return parse_timestamp(value)

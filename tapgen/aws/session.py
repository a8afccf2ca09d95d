"""The session that clients are made with: boto3's, with what all sessions can have in common."""

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

# What a session takes that has keys of its own: nothing of the user's configuration.
_ALONE: Final = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


def new_session(profile: str | None = None, *, alone: bool = False) -> boto3.session.Session:
    """A session with the credentials of `profile`, or those that the environment gives.

    One that is `alone` reads no configuration and no profile, whatever they are like: who uses it
    brings keys along.

    All sessions read the service models through one loader, which keeps them: reading is most of
    what a client costs (nine clients of another session: 0.2 s of CPU without it, 0.04 s with it).

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
    """Read a timestamp; nearly all are in ISO 8601, which needs no looking for formats.

    A page of 60 events takes 1.3 ms instead of 4.2.
    """
    if isinstance(value, str) and value[4:5] == "-":
        with suppress(ValueError):
            return datetime.fromisoformat(value)
    return parse_timestamp(value)

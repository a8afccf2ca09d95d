"""Addresses of the local AWS for clients, and local addresses of deployed URLs."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from tapgen.local import state

if TYPE_CHECKING:
    from tapgen.local.state import LocalAws

_PROXIES = ("ALL_PROXY", "HTTP_PROXY", "all_proxy", "http_proxy")
_EXECUTE_API = re.compile(r"(?P<api>[a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com")


def variables(local: LocalAws, account_id: str, region: str) -> dict[str, str]:
    """Return the environment variables that send an AWS client to an account of the local AWS.

    A 12-digit access key is the root user of that account. The empty session token hides one that
    the shell may still have.
    """
    return {
        "AWS_ENDPOINT_URL": local.endpoint_url,
        "AWS_ACCESS_KEY_ID": account_id,
        "AWS_SECRET_ACCESS_KEY": state.SECRET,
        "AWS_SESSION_TOKEN": "",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        **_past_proxies(),
    }


def _past_proxies() -> dict[str, str]:
    """Environment variables that make clients bypass the shell's proxy for loopback addresses."""
    if not any(os.environ.get(name) for name in _PROXIES):
        return {}
    before = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    value = ",".join(filter(None, [before, state.HOST]))
    return {"NO_PROXY": value, "no_proxy": value}


def api_url(local: LocalAws, url: str) -> tuple[str, dict[str, str]]:
    """Return the loopback URL that serves a deployed https URL, and the headers to send with it.

    `https://<id>.execute-api.<region>.amazonaws.com/<stage>/<path>` becomes MiniStack's path form
    and needs no header. Any other host (a distribution's `*.cloudfront.net` name or its alias) is
    sent in the Host header, and `X-Forwarded-Proto` says that the viewer used TLS.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    authority = f"{local.endpoint_url.removeprefix('http://')}"
    if match := _EXECUTE_API.fullmatch(host):
        stage, _, rest = parts.path.lstrip("/").partition("/")
        path = f"/restapis/{match['api']}/{stage}/_user_request_/{rest}"
        return urlunsplit(("http", authority, path, parts.query, "")), {}
    local_url = urlunsplit(("http", authority, parts.path or "/", parts.query, ""))
    return local_url, {"Host": host, "X-Forwarded-Proto": "https"}

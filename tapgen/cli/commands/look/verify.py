"""`tapgen verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation

if TYPE_CHECKING:
    from tapgen.payments.live.web import Address


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen verify --env dev --local          resources and API in the embedded local AWS\n"
    "  tapgen verify --env prod --read-only     no payment, no session is made\n"
    "  tapgen verify --env dev --format json    every single comparison\n\n"
    "Test data: one payment and one session of customers called tapgen-verify-... are made. The "
    "session is deleted again; payments are never deleted.\n\n"
    "Exit code 3 when anything is not as declared."
)
@options.environment
@click.option(
    "--read-only", is_flag=True, help="Call only operations of the API that write nothing."
)
@options.on_aws("text", "json")
def command(invocation: Invocation, name: str, read_only: bool, output: str) -> int:
    """Compare what is deployed with what was declared, and call the API."""
    from tapgen.cli.views import verification
    from tapgen.deploy.observe.verify import verify

    target = invocation.target(name)
    checks = tuple(verify(target, _address(invocation), read_only=read_only))
    verification.show(name, checks, output, invocation)
    return 3 if any(check.ok is False for check in checks) else 0


def _address(invocation: Invocation) -> Address:
    """Where a deployed URL is served: at itself, or by the local AWS."""
    if not invocation.local:
        return lambda url: (url, {})
    from tapgen.local.client import api_url

    local = invocation.local_aws()
    return lambda url: api_url(local, url)

"""The deployed environment that `cfn-outputs/flat-outputs.json` names, local or real.

    tapgen outputs --env dev --format flat     writes the file
    pytest -m integration                      validates what it names

TAPGEN_FLAT_OUTPUTS names another file, TAPGEN_ENVS_DIR another folder of environments. Credentials
of the environment's account come from where boto3 finds them; the local AWS needs none.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pytest

from tapgen.aws.account import Connection
from tapgen.deploy.observe.checks import Address, Check, unseen
from tapgen.deploy.observe.live.web import Api
from tapgen.deploy.observe.verify import verify_stacks
from tapgen.deploy.target.target import Target
from tapgen.local.client import LocalAws, api_url
from tapgen.payments.live.authorization import SCOPES
from tapgen.payments.live.callers import Caller
from tapgen.payments.live.site import SITE_URL, verifier
from tapgen.payments.platform import PLATFORM
from tapgen.render.rendering import render
from tapgen.settings.store import load
from tests.paths import ROOT

if TYPE_CHECKING:
    from tapgen.settings.environment import Environment

FLAT_OUTPUTS: Final = Path(
    os.environ.get("TAPGEN_FLAT_OUTPUTS", ROOT / "cfn-outputs" / "flat-outputs.json")
)
ENVS: Final = Path(os.environ.get("TAPGEN_ENVS_DIR", ROOT / "envs"))


@dataclass(frozen=True)
class Deployed:
    """A deployed environment: its settings, its outputs and ways to reach it."""

    flat: dict[str, str]

    @cached_property
    def environment(self) -> Environment:
        return load(ENVS, PLATFORM, self.flat["environment"])

    @cached_property
    def target(self) -> Target:
        rendered = render(PLATFORM, [self.environment])
        endpoint = self.flat.get("endpoint_url")
        connection = Connection(endpoint_url=endpoint, local=endpoint is not None)
        return Target.of(
            PLATFORM, rendered.stacks[self.environment.name], rendered.code, connection
        )

    @cached_property
    def caller(self) -> Caller | None:
        return verifier(self.target, self.address)

    @cached_property
    def api(self) -> Api:
        """The API, called with a token that may do everything."""
        token = self.caller.token(SCOPES) if self.caller else None
        return Api(self.flat[str(SITE_URL)], self.address, token)

    @property
    def address(self) -> Address:
        endpoint = self.flat.get("endpoint_url")
        if endpoint is None:
            return lambda url: (url, {})
        # Only the endpoint matters for addresses; the server is somebody else's.
        local = LocalAws(endpoint, port=0, pid=0, directory=Path())
        return lambda url: api_url(local, url)

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Every stack and resource, read back once for all tests."""
        return tuple(verify_stacks(self.target))

    def output(self, name: str) -> str:
        return self.flat[name]

    def client(self, service: str) -> Any:
        return self.target.account.client(service, self.flat["region"])


@pytest.fixture(scope="session")
def deployed() -> Deployed:
    """Skips where no environment is named, or a local AWS that does not run (any more)."""
    if not FLAT_OUTPUTS.is_file():
        pytest.skip(
            f"{FLAT_OUTPUTS} is missing: `tapgen outputs --env dev --format flat` writes it"
        )
    flat = json.loads(FLAT_OUTPUTS.read_text(encoding="utf-8"))
    if "endpoint_url" in flat and not _answers(flat["endpoint_url"]):
        pytest.skip(
            f"{flat['endpoint_url']}, named by {FLAT_OUTPUTS}, does not answer: deploy again, "
            "then `tapgen outputs --format flat`"
        )
    return Deployed(flat)


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname, parts.port or 443), timeout=60):
            return True
    except OSError:
        return False


Checked = Callable[..., list[Check]]


@pytest.fixture
def checked(deployed: Deployed) -> Checked:
    """Passed checks of resources of a type, whose property begins with what is asked for.

    Fails for a check that did not pass, and when nothing was compared at all.
    """

    def find(layer: str, resource_type: str, *properties: str) -> list[Check]:
        document = deployed.target.stacks[layer].template.document
        found = [
            check
            for check in deployed.checks
            if check.layer == layer
            and document["Resources"].get(check.logical_id, {}).get("Type") == resource_type
            and check.property.startswith(properties or ("",))
        ]
        assert_passed(found)
        for name in properties:
            assert any(check.ok and check.property.startswith(name) for check in found), name
        return found

    return find


def assert_passed(checks: Iterable[Check]) -> None:
    failed = [
        f"{check.layer}.{check.logical_id} {check.property}: "
        f"declared {check.declared}, actual {check.actual}"
        for check in checks
        if check.ok is False or unseen(check)
    ]
    assert not failed, "\n".join(failed)

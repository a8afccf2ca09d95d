"""The live checks of what tapgen deployed: where the site is, and with whose credentials."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.errors import UnavailableError
from tapgen.deploy.observe.checks import LIVE, Check, unseen
from tapgen.errors import TapgenError
from tapgen.local.client import api_url
from tapgen.payments.live.site import SITE, verifier
from tests.lab import with_stacks

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target
    from tapgen.local.client import LocalAws

pytestmark = pytest.mark.slow


NOT_DEPLOYED = "cdn.SiteUrl is not an output: cdn is not deployed"


def nowhere(url: str) -> tuple[str, dict[str, str]]:
    return url, {}


def test_the_site_is_called_with_a_token_of_the_app_client_for_that(
    deployed: Target, local_aws: LocalAws
) -> None:
    checks = list(SITE(deployed, lambda url: api_url(local_aws, url), read_only=True))
    assert {check.layer for check in checks} == {LIVE}
    assert all(check.ok for check in checks)
    assert "GET /health" in {check.logical_id for check in checks}


def test_without_a_site_the_api_cannot_be_called(deployed: Target) -> None:
    stack = replace(deployed.stacks["cdn"], name="payments-other-cdn")
    assert list(SITE(with_stacks(deployed, stack), nowhere, read_only=True)) == [
        Check(LIVE, "", "begins", "a conversation", NOT_DEPLOYED, ok=False)
    ]


def test_without_credentials_the_api_is_not_called(deployed: Target) -> None:
    stack = replace(deployed.stacks["identity"], name="payments-other-identity")
    target = with_stacks(deployed, stack, deployed.stacks["cdn"])
    why = "identity is not deployed"
    assert list(SITE(target, nowhere, read_only=False)) == [
        Check(LIVE, "", "begins", "a conversation", why, ok=False)
    ]
    with pytest.raises(TapgenError, match=why) as told:
        verifier(target, nowhere)
    assert told.value.hint == "Run `tapgen deploy --env full` first."


def test_credentials_that_nobody_answers_for_are_not_called_wrong(
    deployed: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: object) -> None:
        raise UnavailableError("reading app client x: no answer")

    monkeypatch.setattr("tapgen.payments.live.site.verifier", unavailable)
    (only,) = SITE(deployed, nowhere, read_only=False)
    assert (only.ok, unseen(only)) == (None, True)


def test_an_environment_without_user_pool_needs_no_credentials(deployed: Target) -> None:
    assert verifier(with_stacks(deployed, deployed.stacks["data"]), nowhere) is None

"""What to do about a failure: the real cause, and its mend."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from errno import EACCES, EMFILE
from typing import Any

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from tapgen.aws.errors import explained
from tapgen.errors import TapgenError


def hint(error: Exception) -> str:
    with pytest.raises(TapgenError) as raised, explained("at it"):
        raise error
    return raised.value.hint


def refused(code: str, **metadata: Any) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": metadata}
    return ClientError(answer, "DescribeStacks")


@pytest.mark.parametrize("code", ["RequestTimeTooSkewed", "SignatureDoesNotMatch"])
@pytest.mark.parametrize(("minutes", "side"), [(-15, "ahead of"), (125, "behind")])
def test_how_wrong_the_clock_is_follows_from_aws_own(code: str, minutes: int, side: str) -> None:
    theirs = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)
    told = hint(refused(code, HTTPHeaders={"date": theirs}))
    assert told == f"This machine's clock is {abs(minutes)} minutes {side} AWS's: correct it."


def test_a_wrong_signature_at_the_right_time_is_the_key() -> None:
    theirs = format_datetime(datetime.now(UTC), usegmt=True)
    told = hint(refused("SignatureDoesNotMatch", HTTPHeaders={"date": theirs}))
    assert "Check this machine's clock" in told
    assert "the secret access key does not belong to this access key id" in told


@pytest.mark.parametrize("code", ["InvalidClientTokenId", "UnrecognizedClientException"])
@pytest.mark.parametrize(
    ("region", "switched"),
    [("eu-south-2", True), ("me-central-1", True), ("eu-west-1", False), ("cn-north-1", False)],
)
def test_a_key_that_is_not_known_may_be_in_a_region_that_is_off(
    code: str, region: str, switched: bool
) -> None:
    told = hint(refused(code, Region=region))
    assert (f"enable-region --region-name {region}" in told) == switched
    assert "--profile" in told


def test_without_a_region_it_is_the_key() -> None:
    assert hint(refused("InvalidClientTokenId")).startswith("These credentials do not exist")


def test_a_service_that_has_to_be_switched_on_names_the_region() -> None:
    assert "in me-central-1 yet" in hint(refused("OptInRequired", Region="me-central-1"))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (exceptions.ProfileNotFound(profile="p"), "AWS_PROFILE"),
        (exceptions.ConfigParseError(path="~/.aws/config"), "Correct ~/.aws/config"),
        (
            exceptions.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
            "Correct ~/.aws/config",
        ),
        (exceptions.InfiniteLoopConfigError(source_profile="a", visited_profiles=["a"]), "Correct"),
        (
            exceptions.CredentialRetrievalError(provider="custom-process", error_msg="boom"),
            "credential_process",
        ),
        (exceptions.UnauthorizedSSOTokenError(), "aws sso login"),
        (exceptions.RefreshWithMFAUnsupportedError(), "duration_seconds"),
        (exceptions.ProxyConnectionError(proxy_url="http://p"), "HTTPS_PROXY"),
        (
            exceptions.SSLError(endpoint_url="https://x", error=OSError("self signed")),
            "AWS_CA_BUNDLE",
        ),
        (exceptions.ConnectTimeoutError(endpoint_url="https://x"), "Check the network"),
        (
            exceptions.EndpointConnectionError(
                endpoint_url="https://x", error=f"[Errno 24] {os.strerror(EMFILE)}"
            ),
            "ulimit -n",
        ),
        (OSError(EMFILE, os.strerror(EMFILE)), "ulimit -n"),
        (PermissionError(EACCES, os.strerror(EACCES), "/root/.aws/config"), "is readable"),
    ],
)
def test_what_stands_in_the_way_is_named(error: Exception, told: str) -> None:
    assert told in hint(error)


def test_a_role_that_cloudformation_cannot_take_is_made_by_bootstrap() -> None:
    message = "Role arn:aws:iam::111111111111:role/x is invalid or cannot be assumed"
    answer: Any = {"Error": {"Code": "ValidationError", "Message": message}}
    told = hint(ClientError(answer, "CreateChangeSet"))
    assert "`tapgen bootstrap --env NAME` creates it" in told
    answer = {"Error": {"Code": "ValidationError", "Message": "Template format error"}}
    assert hint(ClientError(answer, "CreateChangeSet")) == ""

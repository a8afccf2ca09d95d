"""Next steps for errors of AWS, of the network and of the configuration."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from errno import EMFILE
from typing import Final

from botocore.exceptions import (
    ClientError,
    ConfigNotFound,
    ConfigParseError,
    ConnectionClosedError,
    CredentialRetrievalError,
    HTTPClientError,
    InvalidConfigError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    ReadTimeoutError,
    RefreshWithMFAUnsupportedError,
    SSLError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
    UnknownCredentialError,
)
from botocore.exceptions import ConnectionError as NoConnectionError

from tapgen.aws.permission import advice, lacks_permission
from tapgen.errors import NO_FILES, OPEN_FILES

_LOGIN = "Sign in again (for example `aws sso login --profile NAME`) and repeat the command."
_THROTTLED = "AWS is throttling this account. Wait a minute and repeat the command."
_UNKNOWN_KEY = "These credentials do not exist. Check --profile and AWS_PROFILE."
_REPEAT: Final = "Repeat the command; nothing was lost."
_CONFIGURATION: Final = (
    "Correct ~/.aws/config or ~/.aws/credentials, or the file that AWS_CONFIG_FILE or "
    "AWS_SHARED_CREDENTIALS_FILE names."
)
_PROCESS: Final = (
    "The profile gets its credentials from a program or a service, and that failed. Run the "
    "command of its credential_process by hand, or sign in to the service."
)
_MFA: Final = (
    "The session ended, and a new one needs an MFA code: repeat the command. With a longer "
    "duration_seconds in the profile, sessions last longer."
)
# https://repost.aws/knowledge-center/cloudformation-role-arn-error
_NO_ROLE: Final = "is invalid or cannot be assumed"
_BOOTSTRAP: Final = (
    "The role of the setting deployment.role_arn is not in the account, or does not trust "
    "CloudFormation: `tapgen bootstrap --env NAME` creates it, `tapgen bootstrap --check` shows "
    "what is missing. A role that was just created needs some seconds."
)
_HINTS: Final[dict[str, str]] = {
    "ExpiredToken": _LOGIN,
    "ExpiredTokenException": _LOGIN,
    "InsufficientCapabilitiesException": "This is a bug in tapgen: it requested too few.",
    "LimitExceededException": "An AWS quota is reached; raise it in Service Quotas or free some.",
}
# AWS does not know the access key in this region: either the key is wrong, or the region is off.
_UNKNOWN: Final = frozenset({"AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException"})
_SKEWED: Final = frozenset({"RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"})
_SIGNATURES: Final = frozenset(
    {"InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatchException"}
)
_OPT_IN: Final = frozenset({"OptInRequired", "SubscriptionRequiredException"})
# Regions that every account has. Newer ones must be switched on (AWS Account Management reference,
# "Enable or disable AWS Regions in your account"); other partitions have separate accounts.
_EVERYBODYS: Final = frozenset(
    {
        "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1",
        "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2",
        "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
    }
)  # fmt: skip
_OTHER_PARTITIONS: Final = ("cn-", "us-gov-", "us-iso", "eu-isoe-", "eusc-")
# Minutes by which the time of a request may be wrong (Signature Version 4).
_TOLERATED: Final = 5
THROTTLED: Final = frozenset(
    {
        "503",  # SlowDown from S3 for HEAD, which has no body
        "EC2ThrottledException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
# Errors without an answer of AWS: it was not reached, or the answer was lost.
NO_ANSWER: Final = (HTTPClientError, NoConnectionError)
_NO_CREDENTIALS = (
    NoCredentialsError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
_BROKEN_CONFIGURATION = (
    ConfigNotFound,
    ConfigParseError,
    InvalidConfigError,
    PartialCredentialsError,
    UnknownCredentialError,
)


def no_more_files(error: Exception | None) -> bool:
    """Whether a connection failed because this process has too many open files."""
    return os.strerror(EMFILE) in str(getattr(error, "kwargs", {}).get("error"))


def failure_hint(error: Exception) -> str:
    """The next step after an error of the network, of botocore or of a file."""
    if isinstance(error, NO_ANSWER):
        return _network_hint(error)
    return _file_hint(error) if isinstance(error, OSError) else _configuration_hint(error)


def refusal_hint(error: ClientError, code: str) -> str:
    """The next step after an error of AWS; empty if its message is enough."""
    if lacks_permission(error):
        return advice(error)
    if code in THROTTLED:
        return _THROTTLED
    if code in _SKEWED | _SIGNATURES:
        return _clock_hint(error, code)
    if code in _UNKNOWN | _OPT_IN:
        return _region_hint(error, code)
    if _NO_ROLE in str(error.response.get("Error", {}).get("Message", "")):
        return _BOOTSTRAP
    return _HINTS.get(code, "")


def _clock_hint(error: ClientError, code: str) -> str:
    """Compare the clock of this machine with AWS's, which is in every answer."""
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        theirs = parsedate_to_datetime(headers.get("date", "")).astimezone(UTC)
    except ValueError:
        theirs = None
    minutes = (datetime.now(UTC) - theirs).total_seconds() / 60 if theirs else 0.0
    if abs(minutes) >= _TOLERATED:
        side = "ahead of" if minutes > 0 else "behind"
        return f"This machine's clock is {abs(minutes):.0f} minutes {side} AWS's: correct it."
    if code in _SIGNATURES:
        return (
            "Check this machine's clock: AWS rejects requests that are 5 minutes off. If it is "
            "right, the secret access key does not belong to this access key id."
        )
    return "Check this machine's clock: AWS rejects requests that are 5 minutes off."


def _region_hint(error: ClientError, code: str) -> str:
    region = str(error.response.get("ResponseMetadata", {}).get("Region") or "")
    everybodys = region in _EVERYBODYS or region.startswith(_OTHER_PARTITIONS) or not region
    if everybodys and code in _UNKNOWN:
        return _UNKNOWN_KEY
    switch = f"Switch it on: `aws account enable-region --region-name {region or 'REGION'}`."
    if code in _OPT_IN:
        return f"The account cannot use this service in {region or 'this region'} yet. {switch}"
    return (
        f"The region {region} may not be switched on in this account. {switch} If it is, these "
        "credentials do not exist: check --profile and AWS_PROFILE."
    )


def _network_hint(error: Exception) -> str:
    if isinstance(error, (ConnectionClosedError, ReadTimeoutError)):
        return _REPEAT
    if isinstance(error, ProxyConnectionError):
        return "Check the proxy that HTTPS_PROXY or HTTP_PROXY names."
    if isinstance(error, SSLError):
        return "If a proxy intercepts TLS, set AWS_CA_BUNDLE to a file with its certificate."
    if no_more_files(error):
        return OPEN_FILES
    return "Check the network, and AWS_ENDPOINT_URL if it is set."


def _configuration_hint(error: Exception) -> str:
    if isinstance(error, _NO_CREDENTIALS):
        return f"No usable credentials. {_LOGIN}"
    if isinstance(error, ProfileNotFound):
        return "Check --profile and AWS_PROFILE; `aws configure list-profiles` lists the profiles."
    if isinstance(error, CredentialRetrievalError):
        return _PROCESS
    if isinstance(error, RefreshWithMFAUnsupportedError):
        return _MFA
    return _CONFIGURATION if isinstance(error, _BROKEN_CONFIGURATION) else _REPEAT


def _file_hint(error: OSError) -> str:
    if error.errno in NO_FILES:
        return OPEN_FILES
    return "Check that the file exists and is readable, then repeat the command."

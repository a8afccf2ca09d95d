"""Ranges and patterns of the engine's own template parameters and settings.

A template parameter and the setting that fills it share them, so the two cannot disagree. A
platform's own settings have theirs in the platform.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Range(NamedTuple):
    """An inclusive range of whole numbers."""

    low: int
    high: int


MONITORING_MINUTES: Final = Range(0, 180)  # RollbackConfiguration.MonitoringTimeInMinutes
TIMEOUT_MINUTES: Final = Range(5, 720)
DOLLARS: Final = Range(1, 10**9)
APPROVALS: Final = Range(0, 9)
APPROVAL_HOURS: Final = Range(1, 720)  # at most a month: later nobody remembers the plan
USAGE: Final = Range(0, 10**12)  # more than any environment has in a month

ENVIRONMENT_NAME: Final = r"^[a-z][a-z0-9-]{0,11}$"
PROJECT_NAME: Final = r"^[a-z][a-z0-9-]{1,11}$"
# Bucket names are `<prefix>-<purpose>-<account>-<region>` and end at 63 characters:
# 63 - len("-access-logs-") - 12 - 1 - len("ap-southeast-1") = 23.
PREFIX: Final = r"^[a-z][a-z0-9-]{1,21}[a-z0-9]$"
RECORD_NAME: Final = r"^(\*\.)?[a-z0-9_.-]{1,253}$"
ACCOUNT_ID: Final = r"^[0-9]{12}$"
REGION: Final = r"^(us|eu|ap|sa|ca|me|af|il|mx)-(north|south|east|west|central|northeast|southeast|northwest|southwest)-[1-9]$"  # noqa: E501 - one pattern
# The regions open to every customer; a test compares them with those of botocore and cfn-lint.
REGIONS: Final = frozenset({
    "af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
    "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3",
    "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1",
    "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2",
    "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1",
    "mx-central-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
})  # fmt: skip
# The region of AWS's global services: of IAM, CloudFront and Route 53, and of CloudFront's
# certificate, firewall, logs and metrics.
GLOBAL_REGION: Final = "us-east-1"
ROLE_ARN: Final = r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$"
POLICY_NAME: Final = r"^[A-Za-z0-9+=,.@_-]{1,128}$"
# Values for `tapgen bootstrap`. A repository may have the ids that GitHub appends to names
# ("Immutable subject claims" of its documentation), a pattern of callers the wildcards of ArnLike.
REPOSITORY: Final = r"^[A-Za-z0-9_.@/-]+/[A-Za-z0-9_.@-]+$"
ISSUER: Final = r"^[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]+)?(/[A-Za-z0-9._/-]+)?$"
CALLER_ARN: Final = r"^arn:aws:iam::[0-9]{12}:(role|user)/[A-Za-z0-9+=.@_*?/-]+$"
PROVIDER_ARN: Final = r"^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/[A-Za-z0-9._:/-]+$"
LEDGER_DAYS: Final = Range(1, 36_500)  # of Object Lock: up to 100 years (S3 user guide)
TOPIC_ARN: Final = r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$"
# Without dots, which do not work with TLS in virtual-hosted addresses (S3 user guide, "General
# purpose bucket naming rules").
BUCKET_NAME: Final = r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$"

# `environment.layer.OutputName`: how a setting names an output of another environment.
CROSS_ENVIRONMENT_OUTPUT: Final = r"^[a-z][a-z0-9-]{0,11}\.[a-z]{1,30}\.[A-Za-z0-9]{1,255}$"

# Name of a parameter of Systems Manager, as a path or without one, and optionally ":" and a version
# or label (API reference, GetParameters; "Parameter name constraints", PutParameter).
PARAMETER_NAME: Final = r"^(/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,14})(:[A-Za-z0-9_.-]{1,100})?$"

# A secret of Secrets Manager: its name or ARN, a key of its JSON, the id of a version (its API
# reference, CreateSecret; CloudFormation user guide, "Get a secret or secret value").
SECRETS_ID: Final = (
    r"^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:)?[A-Za-z0-9/_+=.@-]{1,512}$"
)
# In a policy, the part of an ARN that Secrets Manager chooses may be unknown.
SECRETS_ARN: Final = (
    r"^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}\?{0,6}$"
)
# The recipient of notifications: a topic, or a secret with the address of a webhook.
NOTIFY: Final = (
    f"{TOPIC_ARN}|^(secret:|arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{{12}}:secret:)"
    "[A-Za-z0-9/_+=.@-]{1,512}$"
)
SECRETS_KEY: Final = r"^[A-Za-z0-9_.@-]{1,128}$"
SECRETS_VERSION: Final = r"^[A-Za-z0-9-]{32,64}$"
# The part between "{{resolve:secretsmanager:" and "}}": ID:SecretString:KEY::VERSION.
SECRET_LOCATOR: Final = (
    f"{SECRETS_ID[:-1]}:SecretString(:({SECRETS_KEY[1:-1]})?(::{SECRETS_VERSION[1:-1]})?)?$"
)

# The name is a hash of the content, so different code has a different key.
CODE_KEY: Final = r"^functions/[0-9a-f]{64}\.zip$"


def or_empty(pattern: str) -> str:
    """The pattern, or an empty text, which a template gets for a setting that is left out."""
    return f"^$|{pattern}"

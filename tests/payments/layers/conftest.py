"""Layers as dictionaries, as they are and as an environment sees them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from tapgen.model.stack import CODE_KEY_SETTING, SETTLED, SETTLED_SETTING
from tapgen.model.templates.intrinsics import Resolved, Resolver
from tapgen.payments.layers.registry import LAYERS
from tapgen.payments.platform import PLATFORM
from tapgen.render.sources.builders import blueprint_of
from tapgen.settings.store import load
from tests.paths import ROOT

ENVS = ROOT / "envs"
ACCOUNT = "111111111111"
REGION = "eu-west-1"
FUNCTIONS = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
CODE_KEY = f"functions/{'c0de' * 16}.zip"

# What other layers' outputs look like, at the length they have in AWS.
INPUTS = {
    "ApiDomainName": f"abcde12345.execute-api.{REGION}.amazonaws.com",
    "ApiLogsBucketName": f"payments-dev-api-logs-{ACCOUNT}-{REGION}",
    "ApiName": "payments-dev-api",
    "ArtifactsBucketName": f"payments-dev-artifacts-{ACCOUNT}-{REGION}",
    "DistributionDomainName": "d111111abcdef8.cloudfront.net",
    "HostedZoneId": "Z0123456789ABCDEFGHIJ",
    "IdempotencyTableName": "payments-dev-idempotency",
    "KeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555",
    "LambdaSecurityGroupId": "sg-0123456789abcdef0",
    "OriginSecretName": "payments-dev/origin-verify/1",
    "PaymentProcessorAliasArn": f"{FUNCTIONS}payments-dev-payment-processor:live",
    "PaymentProcessorDlqName": "payments-dev-payment-processor-dlq",
    "PaymentProcessorFunctionName": "payments-dev-payment-processor",
    "PrivateSubnetIds": ",".join(f"subnet-0123456789abcdef{n}" for n in range(3)),
    "SessionManagerAliasArn": f"{FUNCTIONS}payments-dev-session-manager:live",
    "SessionManagerDlqName": "payments-dev-session-manager-dlq",
    "SessionManagerFunctionName": "payments-dev-session-manager",
    "SessionsTableName": "payments-dev-sessions",
    "StageName": "v1",
    "TransactionsTableName": "payments-dev-transactions",
    "UserPoolArn": f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_AbCdEf123",
    "WebAclName": "payments-dev-api",
}

Template = Callable[[str], dict[str, Any]]
See = Callable[..., Resolved]


@cache
def _built(name: str) -> dict[str, Any]:
    layer = next(layer for layer in LAYERS if layer.name == name)
    return blueprint_of(layer).document()


@pytest.fixture
def template() -> Template:
    """`template("data")` is the layer's template. Treat it as read-only."""
    return _built


@pytest.fixture
def see() -> See:
    """`see("data", "prod", ReadCapacity="7")` resolves a layer with an environment's values."""

    def resolve(name: str, environment: str = "dev", **parameters: str) -> Resolved:
        document = _built(name)
        sized = load(ENVS, PLATFORM, environment)
        filled = {CODE_KEY_SETTING: CODE_KEY, SETTLED_SETTING: SETTLED}
        values = {
            parameter: filled.get(setting) or sized.parameter(setting)
            for parameter, setting in document["Metadata"]["tapgen"]["Settings"].items()
        }
        taken = {name: value for name, value in INPUTS.items() if name in document["Parameters"]}
        return Resolver(document, {**values, **taken, **parameters}, ACCOUNT, REGION).resolve()

    return resolve

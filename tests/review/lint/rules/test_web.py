from __future__ import annotations

from typing import Any

import pytest

from tapgen.render.rendering import Rendered
from tapgen.review.lint.rules import web
from tests.review.lint.rules.shipped import (
    Check,
    Mutation,
    adding,
    assert_found,
    mutated,
    properties,
    setting,
    without,
)

ERRORS = ("DistributionConfig", "CustomErrorResponses")
IN_PATH = "AWS::ApiGateway::Resource"


def method(*parameters: str) -> Mutation:
    return setting(
        "GetHealth",
        "RequestParameters",
        to={f"method.request.{name}": False for name in parameters},
    )


def second_behaviour(document: dict[str, Any]) -> None:
    """The default is cached, another behaviour is not; its errors would be."""
    config = properties(document, "Distribution")["DistributionConfig"]
    config["CacheBehaviors"] = [{**config["DefaultCacheBehavior"], "PathPattern": "/api/*"}]
    config["DefaultCacheBehavior"] = {**config["DefaultCacheBehavior"], "CachePolicyId": "mine"}
    del config["CustomErrorResponses"]


@pytest.mark.parametrize(
    ("check", "layer", "mutate"),
    [
        (web.secret_in_address, "api", adding(IN_PATH, PathPart="{sessionId}")),
        (web.secret_in_address, "api", adding(IN_PATH, PathPart="{resetToken+}")),
        (
            web.secret_in_address,
            "api",
            adding("AWS::ApiGatewayV2::Route", RouteKey="GET /keys/{apiKey}/use"),
        ),
        (web.secret_in_address, "api", method("querystring.access_token", "querystring.page")),
        (
            web.made_up_address,
            "cdn",
            setting(
                "WebAcl",
                "Rules", 1, "Statement", "RateBasedStatement", "ForwardedIPConfig",
                to={"HeaderName": "X-Forwarded-For", "FallbackBehavior": "MATCH"},
            ),
        ),
        (
            web.made_up_address,
            "api",
            setting(
                "WebAcl",
                "Rules", 0, "Statement",
                to={"IPSetReferenceStatement": {"IPSetForwardedIPConfig": {}}},
            ),
        ),
        (web.kept_error, "cdn", without("Distribution", *ERRORS)),
        (web.kept_error, "cdn", without("Distribution", *ERRORS, 0)),
        (web.kept_error, "cdn", setting("Distribution", *ERRORS, 3, "ErrorCachingMinTTL", to=1)),
        (web.kept_error, "cdn", without("Distribution", *ERRORS, 3, "ErrorCachingMinTTL")),
        (web.kept_error, "cdn", second_behaviour),
    ],
)  # fmt: skip
def test_a_broken_template_is_found(
    rendered: Rendered, check: Check, layer: str, mutate: Mutation
) -> None:
    assert_found(check, rendered.templates[layer], mutate)


@pytest.mark.parametrize(
    ("check", "layer", "mutate"),
    [
        (web.secret_in_address, "api", adding(IN_PATH, PathPart="{transactionId}")),
        (web.secret_in_address, "api", adding(IN_PATH, PathPart="sessions")),
        (web.secret_in_address, "api", method("header.X-Session-Id")),
        (web.secret_in_address, "api", adding("AWS::ApiGatewayV2::Route", RouteKey="$default")),
        (
            web.kept_error,
            "cdn",
            lambda document: (
                setting("Distribution", *ERRORS, to=[])(document),
                setting(
                    "Distribution", "DistributionConfig", "DefaultCacheBehavior", "CachePolicyId",
                    to="mine",
                )(document),
            ),
        ),
    ],
)  # fmt: skip
def test_what_is_right_is_let_pass(
    rendered: Rendered, check: Check, layer: str, mutate: Mutation
) -> None:
    assert not [*check(mutated(rendered.templates[layer], mutate))]

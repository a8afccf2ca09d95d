"""Rules about HTTP: secrets in URLs, addresses that clients can forge, cached errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from tapgen.model.templates.positions import Path
from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.parameters import SECRET
from tapgen.review.lint.rules.rule import Problem, Problems, effective_nodes, resources

# Whoever knows a session's id can use the session.
_SECRET: Final = re.compile(rf"{SECRET.pattern}|session|passcode|signature|jwt")
_IN_PATH: Final = re.compile(r"\{([^{}+]+)\+?\}")
_IN_QUERY: Final = "method.request.querystring."

# Statuses that CloudFront caches for ten seconds by default, even where nothing else is cached and
# although a response says "no-store" (CloudFront guide, "HTTP 4xx and 5xx status codes that
# CloudFront caches"). Its editions disagree about 405; other errors are cached on request only.
KEPT_ERRORS: Final = (404, 414, 500, 501, 502, 503, 504)
_NOT_CACHED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # AWS's policy CachingDisabled


def secret_in_address(template: Template) -> Problems:
    """No secret is part of a URL."""
    for path, name in _in_addresses(template):
        if _SECRET.search(name):
            message = f"{name} would be in traces and in logs of firewall and CDN: use a header"
            yield Problem(path, message)


def _in_addresses(template: Template) -> Iterator[tuple[Path, str]]:
    for type_, property_ in (
        ("AWS::ApiGateway::Resource", "PathPart"),
        ("AWS::ApiGatewayV2::Route", "RouteKey"),
    ):
        for path, properties in resources(template, type_):
            for name in _IN_PATH.findall(str(properties.get(property_))):
                yield (*path, "Properties", property_), name
    for path, properties in resources(template, "AWS::ApiGateway::Method"):
        for parameter in properties.get("RequestParameters", {}):
            if parameter.startswith(_IN_QUERY):
                where = (*path, "Properties", "RequestParameters", parameter)
                yield where, parameter.removeprefix(_IN_QUERY)


def made_up_address(template: Template) -> Problems:
    """Firewalls use addresses that callers cannot forge."""
    for path, _ in effective_nodes(template):
        if path[-1] in {"ForwardedIPConfig", "IPSetForwardedIPConfig"}:
            message = (
                "uses the first address in a header, which callers can forge: use the source "
                "address, at CloudFront"
            )
            yield Problem(path, message)


def kept_error(template: Template) -> Problems:
    """Where responses are not cached, errors are not cached either."""
    for path, properties in resources(template, "AWS::CloudFront::Distribution"):
        config = properties["DistributionConfig"]
        behaviours = (config["DefaultCacheBehavior"], *config.get("CacheBehaviors", ()))
        if not any(_caches_nothing(behaviour) for behaviour in behaviours):
            continue
        forgotten = {
            error["ErrorCode"]
            for error in config.get("CustomErrorResponses", ())
            if error.get("ErrorCachingMinTTL") == 0
        }
        if kept := [str(status) for status in KEPT_ERRORS if status not in forgotten]:
            message = (
                f"caches {', '.join(kept)} for ten seconds, so that one caller's error is shown to "
                "all others: set ErrorCachingMinTTL to 0"
            )
            yield Problem(path, message)


def _caches_nothing(behaviour: dict[str, Any]) -> bool:
    return behaviour.get("CachePolicyId") == _NOT_CACHED

"""MiniStack's routing of a request to a service, an API or a distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack import app as gateway
from ministack.core import iam_actions, router
from ministack.services import apigateway_v1, cloudfront, cognito

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

application = gateway.app
"""MiniStack as an ASGI application."""
_SIGNED = "AWS4-"


def register_service(name: str, module: Any, target_prefix: str) -> None:
    """Let MiniStack route, serve and reset one more JSON service.

    `module` has `handle_request(method, path, headers, body, query)` and `reset()`.
    """
    gateway._loaded_modules[name] = module
    gateway.SERVICE_REGISTRY[name] = {"module": name}
    gateway.SERVICE_HANDLERS[name] = module.handle_request
    iam_actions.SERVICE_TO_IAM_NAMESPACE[name] = name
    router.SERVICE_PATTERNS[name] = {"target_prefixes": [target_prefix], "host_patterns": []}


def extend_service(name: str, part: Any) -> None:
    """Let `part` answer its operations, and MiniStack the others. A reset empties both."""
    original = gateway.SERVICE_HANDLERS[name]

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Any:
        chosen = part.handle_request if part.handles(headers) else original
        return await chosen(method, path, headers, body, query)

    gateway.SERVICE_HANDLERS[name] = handle
    reset_with(name, part)


def reset_with(name: str, part: Any) -> None:
    """Let a reset of the service empty `part` as well."""
    gateway._loaded_modules[f"tapgen.{name}"] = part
    gateway.SERVICE_REGISTRY[name]["sub_modules"] = (f"tapgen.{name}",)


def serve_origins_over(connect: Callable[[dict[str, Any]], tuple[str, int, bool] | None]) -> None:
    """Let `connect(origin)` choose where CloudFront finds an https origin. None changes nothing."""
    dial = cloudfront._origin_connect_target

    def target(origin: dict[str, Any], viewer_is_https: bool) -> tuple[str, int, bool]:
        host, port, https = dial(origin, viewer_is_https)
        return (connect(origin) if https else None) or (host, port, https)

    cloudfront._origin_connect_target = target


def keep_errors_at_the_edge(serve: Callable[..., Awaitable[Any]]) -> None:
    """Let `serve(method, thing, minimum_seconds, ask)` answer viewers, see `EdgeErrors`."""
    handle = cloudfront.handle_viewer_request

    async def handling(
        distribution: dict[str, Any],
        method: str,
        path: str,
        raw_uri: str,
        raw_query_string: str,
        *rest: Any,
    ) -> Any:
        parsed = cloudfront.parse_distribution_dataplane_config(distribution)
        policy = cloudfront._match_behavior(parsed, path)["cache_policy_id"]
        query = raw_query_string if _tells_queries_apart(policy) else ""
        thing: Hashable = (distribution["Id"], distribution["ETag"], raw_uri, query)

        async def ask() -> Any:
            return await handle(distribution, method, path, raw_uri, raw_query_string, *rest)

        return await serve(method, thing, _error_seconds(distribution), ask)

    cloudfront.handle_viewer_request = handling


def _tells_queries_apart(policy: str | None) -> bool:
    parameters = cloudfront.cache_policy_params(policy) or {}
    return bool(parameters.get("QueryStringBehavior", "none") != "none")


def _error_seconds(distribution: dict[str, Any]) -> dict[int, float]:
    """ErrorCachingMinTTL by status, if the distribution sets one."""
    config = cloudfront.fromstring(distribution["config_xml"])
    found = {}
    for error in config.iter():
        seconds = cloudfront._text(error, "ErrorCachingMinTTL")
        if error.tag.endswith("CustomErrorResponse") and seconds:
            found[int(cloudfront._text(error, "ErrorCode"))] = float(seconds)
    return found


def api_owner(identifier: str) -> str | None:
    """Return the account of a REST API."""
    for account, _region, api in list(apigateway_v1._rest_apis._data):
        if api == identifier:
            return str(account)
    return None


def token_endpoint_owner(domain: str, region: str) -> str | None:
    """Return the account of the user pool with a domain."""
    for account, where, name in list(cognito._pool_domain_map._data):
        if (where, name) == (region, domain):
            return str(account)
    return None


def distribution_owner(host: str) -> tuple[str, str] | None:
    """Return the account and domain name of the distribution that serves a host name."""
    for (account, _identifier), distribution in list(cloudfront._distributions._data.items()):
        domain = str(distribution["DomainName"]).lower()
        if host in {domain, *_aliases(distribution)}:
            return str(account), domain
    return None


def _aliases(distribution: dict[str, Any]) -> set[str]:
    aliases = cloudfront._find(cloudfront.fromstring(distribution["config_xml"]), "Aliases")
    if aliases is None:
        return set()
    return {(item.text or "").lower() for item in aliases.iter() if item.tag.endswith("CNAME")}


def read_tokens_as_signatures() -> None:
    """Refuse a token on a path, or for a method, that an API does not have, as AWS does.

    API Gateway takes any Authorization header of such a request for a signature, and answers 403
    with IncompleteSignatureException (https://github.com/HumanCellAtlas/data-store/issues/328,
    https://github.com/amazon-archives/aws-cognito-angular-quickstart/issues/50).
    """
    execute = apigateway_v1._execute_in_scope

    async def executing(request: dict[str, Any], *given: Any) -> Any:
        answer = await execute(request, *given)
        if getattr(answer, "response_type", "") != "MISSING_AUTHENTICATION_TOKEN":
            return answer
        sent = {name.lower(): value for name, value in request["headers"].items()}
        if str(sent.get("authorization", _SIGNED)).startswith(_SIGNED):
            return answer
        return apigateway_v1._GatewayError(
            "DEFAULT_4XX",
            "Invalid key=value pair (missing equal-sign) in Authorization header",
            "IncompleteSignatureException",
        )

    apigateway_v1._execute_in_scope = executing

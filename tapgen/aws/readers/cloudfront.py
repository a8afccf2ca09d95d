"""The distribution and its response headers. The secret origin header is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tapgen.aws.readers.values import SECRET, Properties, renamed, tags
from tapgen.aws.resources.retained import Region
from tapgen.aws.resources.tags import pairs

_DISTRIBUTION: Final = {
    "Aliases": "Aliases",
    "Comment": "Comment",
    "CustomErrorResponses": "CustomErrorResponses",
    "DefaultCacheBehavior": "DefaultCacheBehavior",
    "Enabled": "Enabled",
    "HttpVersion": "HttpVersion",
    "IsIPV6Enabled": "IPV6Enabled",
    "PriceClass": "PriceClass",
    "WebACLId": "WebACLId",
}
_CERTIFICATE: Final = {
    "ACMCertificateArn": "AcmCertificateArn",
    "CloudFrontDefaultCertificate": "CloudFrontDefaultCertificate",
    "MinimumProtocolVersion": "MinimumProtocolVersion",
    "SSLSupportMethod": "SslSupportMethod",
}
_CUSTOM_ORIGIN: Final = {
    "HTTPPort": "HTTPPort",
    "HTTPSPort": "HTTPSPort",
    "OriginKeepaliveTimeout": "OriginKeepaliveTimeout",
    "OriginProtocolPolicy": "OriginProtocolPolicy",
    "OriginReadTimeout": "OriginReadTimeout",
    "OriginSslProtocols": "OriginSSLProtocols",
}


def distribution(region: Region, name: str, declared: Mapping[str, Any]) -> Properties:
    client = region.client("cloudfront")
    found = client.get_distribution(Id=name)["Distribution"]
    configuration = _plain(found["DistributionConfig"])
    behaviour = configuration["DefaultCacheBehavior"]
    methods = found["DistributionConfig"]["DefaultCacheBehavior"].get("AllowedMethods", {})
    behaviour["CachedMethods"] = _plain(methods.get("CachedMethods", []))
    tagged = client.list_tags_for_resource(Resource=found["ARN"])["Tags"]["Items"]
    return {
        "DistributionConfig": {
            **renamed(configuration, _DISTRIBUTION),
            "Origins": [_origin(origin) for origin in configuration["Origins"]],
            "ViewerCertificate": renamed(configuration["ViewerCertificate"], _CERTIFICATE),
        },
        "Tags": tags(pairs(tagged), declared),
    }


def response_headers_policy(region: Region, name: str, _: Mapping[str, Any]) -> Properties:
    answer = region.client("cloudfront").get_response_headers_policy_config(Id=name)
    return {"ResponseHeadersPolicyConfig": answer["ResponseHeadersPolicyConfig"]}


def _origin(origin: Mapping[str, Any]) -> Properties:
    return {
        "Id": origin["Id"],
        "DomainName": origin["DomainName"],
        "OriginPath": origin.get("OriginPath", ""),
        "CustomOriginConfig": renamed(origin.get("CustomOriginConfig", {}), _CUSTOM_ORIGIN),
        "OriginCustomHeaders": [
            {"HeaderName": header["HeaderName"], "HeaderValue": SECRET}
            for header in origin.get("CustomHeaders", [])
        ],
    }


def _plain(document: Any) -> Any:
    """CloudFront writes a list as `{"Quantity": 2, "Items": [...]}`, without Items when empty."""
    if isinstance(document, list):
        return [_plain(item) for item in document]
    if not isinstance(document, dict):
        return document
    if "Quantity" in document:
        return _plain(document.get("Items", []))
    return {key: _plain(value) for key, value in document.items()}

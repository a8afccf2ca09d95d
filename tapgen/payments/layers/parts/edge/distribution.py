"""The CloudFront distribution: no caching, security headers on every response, one origin."""

from __future__ import annotations

from typing import Any, Final

from troposphere import GetAtt, If, NoValue, Ref, Sub
from troposphere.cloudfront import (
    ContentSecurityPolicy,
    ContentTypeOptions,
    CustomErrorResponse,
    CustomHeader,
    CustomHeadersConfig,
    CustomOriginConfig,
    DefaultCacheBehavior,
    Distribution,
    DistributionConfig,
    FrameOptions,
    Origin,
    OriginCustomHeader,
    ReferrerPolicy,
    ResponseHeadersPolicy,
    ResponseHeadersPolicyConfig,
    SecurityHeadersConfig,
    StrictTransportSecurity,
    ViewerCertificate,
    XSSProtection,
)

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.edge.origin_secret import ORIGIN_HEADER, origin_secret_value
from tapgen.payments.limits import PRICE_CLASSES
from tapgen.render.accepted import accepted, because

# Policies that AWS manages; their ids are the same in every account (CloudFront guide,
# "Use managed cache policies" and "Use managed origin request policies").
_CACHING_DISABLED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
_ALL_VIEWER_EXCEPT_HOST: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

_ORIGIN: Final = "api"
_TWO_YEARS_SECONDS: Final = 63_072_000  # what the HSTS preload list recommends
_READ_TIMEOUT_SECONDS: Final = 30  # API Gateway gives up after 29
# Errors that CloudFront caches for ten seconds for all callers, whatever their headers say
# (CloudFront guide, "HTTP 4xx and 5xx status codes that CloudFront caches").
_KEPT_ERRORS: Final = (404, 405, 414, 500, 501, 502, 503, 504)


def distribution(blueprint: Blueprint, web_acl: Any, served: str) -> Distribution:
    """Add the distribution. It serves `DomainName` if the condition `served` is true."""
    price_class = blueprint.choice(
        "PriceClass", "cdn.price_class", "Edge locations that serve the site.", PRICE_CLASSES
    )
    headers = blueprint.add(_security_headers())
    return blueprint.add(
        Distribution(
            "Distribution",
            DistributionConfig=DistributionConfig(
                Enabled=True,
                Comment=Sub("${Prefix} payments API"),
                HttpVersion="http2and3",
                IPV6Enabled=True,
                PriceClass=price_class,
                WebACLId=GetAtt(web_acl, "Arn"),
                Aliases=If(served, [Ref("DomainName")], NoValue),
                ViewerCertificate=If(served, _own_certificate(), _cloudfront_certificate()),
                Origins=[_origin()],
                DefaultCacheBehavior=_behaviour(headers),
                CustomErrorResponses=[
                    CustomErrorResponse(ErrorCode=status, ErrorCachingMinTTL=0)
                    for status in _KEPT_ERRORS
                ],
            ),
            Metadata=accepted(
                because(
                    "A payment must not be repeated against a second origin.",
                    "CLOUDFRONT_ORIGIN_FAILOVER_ENABLED",
                ),
                because("An API has no start page.", "CLOUDFRONT_DEFAULT_ROOT_OBJECT_CONFIGURED"),
                because(
                    "Logs are delivered by AWS::Logs::Delivery, not by Logging.",
                    "CLOUDFRONT_ACCESSLOGS_ENABLED",
                    "CKV_AWS_86",
                ),
            ),
        )
    )


def _own_certificate() -> ViewerCertificate:
    return ViewerCertificate(
        AcmCertificateArn=Ref("CertificateArn"),
        MinimumProtocolVersion="TLSv1.2_2021",
        SslSupportMethod="sni-only",
    )


def _cloudfront_certificate() -> ViewerCertificate:
    """The certificate without a domain. CloudFront then sets the TLS version itself."""
    return ViewerCertificate(CloudFrontDefaultCertificate=True)


def _origin() -> Origin:
    return Origin(
        Id=_ORIGIN,
        DomainName=Ref("ApiDomainName"),
        OriginPath=Sub("/${StageName}"),
        CustomOriginConfig=CustomOriginConfig(
            OriginProtocolPolicy="https-only",
            OriginSSLProtocols=["TLSv1.2"],
            OriginReadTimeout=_READ_TIMEOUT_SECONDS,
        ),
        OriginCustomHeaders=[
            OriginCustomHeader(
                HeaderName=ORIGIN_HEADER, HeaderValue=origin_secret_value("OriginSecretName")
            )
        ],
    )


def _behaviour(headers: ResponseHeadersPolicy) -> DefaultCacheBehavior:
    return DefaultCacheBehavior(
        TargetOriginId=_ORIGIN,
        ViewerProtocolPolicy="https-only",  # a redirect comes after the token was sent
        AllowedMethods=["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
        CachedMethods=["GET", "HEAD"],
        CachePolicyId=_CACHING_DISABLED,
        # Forwards callers' tokens. A custom policy may not contain only the Authorization header.
        OriginRequestPolicyId=_ALL_VIEWER_EXCEPT_HOST,
        ResponseHeadersPolicyId=Ref(headers),
        Compress=True,
    )


def _security_headers() -> ResponseHeadersPolicy:
    """Response headers for an API: no loading, framing, sniffing, referrers or caching."""
    return ResponseHeadersPolicy(
        "SecurityHeaders",
        ResponseHeadersPolicyConfig=ResponseHeadersPolicyConfig(
            Name=Sub("${Prefix}-security-headers"),
            SecurityHeadersConfig=SecurityHeadersConfig(
                ContentSecurityPolicy=ContentSecurityPolicy(
                    ContentSecurityPolicy="default-src 'none'; frame-ancestors 'none'",
                    Override=True,
                ),
                ContentTypeOptions=ContentTypeOptions(Override=True),
                FrameOptions=FrameOptions(FrameOption="DENY", Override=True),
                ReferrerPolicy=ReferrerPolicy(ReferrerPolicy="no-referrer", Override=True),
                StrictTransportSecurity=StrictTransportSecurity(
                    AccessControlMaxAgeSec=_TWO_YEARS_SECONDS,
                    IncludeSubdomains=True,
                    Preload=True,
                    Override=True,
                ),
                # The old filter was harmful. 0 disables it where it still exists.
                XSSProtection=XSSProtection(Protection=False, Override=True),
            ),
            CustomHeadersConfig=CustomHeadersConfig(
                Items=[CustomHeader(Header="Cache-Control", Value="no-store", Override=True)]
            ),
        ),
    )

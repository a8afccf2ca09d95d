"""CloudFront standard logging v2: JSON lines, delivered to a bucket in any region."""

from __future__ import annotations

from typing import Any, Final

from troposphere import GetAtt, Ref, Sub
from troposphere.logs import Delivery, DeliveryDestination, DeliverySource

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.iam.arns import arn, bucket_arn

# The bucket's policy allows the prefix that log delivery puts before this.
_SUFFIX: Final = "{DistributionId}/{yyyy}/{MM}/{dd}"

# No query string, cookie or referrer, because they may contain secrets.
_FIELDS: Final = (
    "date", "time", "x-edge-location", "x-edge-request-id", "c-ip", "cs-method", "cs(Host)",
    "x-host-header", "cs-uri-stem", "sc-status", "sc-bytes", "cs-bytes", "sc-content-type",
    "time-taken", "time-to-first-byte", "cs(User-Agent)", "cs-protocol", "cs-protocol-version",
    "ssl-protocol", "ssl-cipher", "x-edge-result-type", "x-edge-response-result-type",
    "x-edge-detailed-result-type",
)  # fmt: skip


def deliver_logs(blueprint: Blueprint, distribution: Any) -> None:
    """Deliver the access logs of `distribution` to `ApiLogsBucketName`."""
    name = Sub("${Prefix}-cdn")
    source = blueprint.add(
        DeliverySource(
            "LogSource",
            Name=name,
            LogType="ACCESS_LOGS",
            ResourceArn=arn("cloudfront", f"distribution/${{{distribution.title}}}", region=""),
        )
    )
    destination = blueprint.add(
        DeliveryDestination(
            "LogDestination",
            Name=name,
            DestinationResourceArn=bucket_arn("${ApiLogsBucketName}"),
            OutputFormat="json",
        )
    )
    blueprint.add(
        Delivery(
            "LogDelivery",
            DeliverySourceName=Ref(source),
            DeliveryDestinationArn=GetAtt(destination, "Arn"),
            RecordFields=list(_FIELDS),
            S3SuffixPath=_SUFFIX,
        )
    )

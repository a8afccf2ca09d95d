"""Certificates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tapgen.aws.readers.values import Properties, tags
from tapgen.aws.resources.retained import Region
from tapgen.aws.resources.tags import pairs


def certificate(region: Region, arn: str, declared: Mapping[str, Any]) -> Properties:
    client = region.client("acm")
    found = client.describe_certificate(CertificateArn=arn)["Certificate"]
    validations = found.get("DomainValidationOptions", [])
    methods = {option["ValidationMethod"] for option in validations}
    tagged = client.list_tags_for_certificate(CertificateArn=arn)["Tags"]
    return {
        "DomainName": found["DomainName"],
        "ValidationMethod": ",".join(sorted(methods)),
        # The API writes EC-prime256v1 or EC_prime256v1, templates the latter.
        "KeyAlgorithm": found.get("KeyAlgorithm", "").replace("-", "_"),
        "CertificateTransparencyLoggingPreference": found.get("Options", {}).get(
            "CertificateTransparencyLoggingPreference"
        ),
        "Status": found["Status"],
        "Tags": tags(pairs(tagged), declared),
    }

from __future__ import annotations

import pytest

from tapgen.render.rendering import Rendered
from tapgen.review.lint.rules import encryption
from tests.review.lint.rules.shipped import (
    Check,
    Mutation,
    assert_found,
    removing,
    setting,
    without,
)

ORIGIN = ("DistributionConfig", "Origins", 0)
CERTIFICATE = ("DistributionConfig", "ViewerCertificate", "Fn::If", 1)


@pytest.mark.parametrize(
    ("check", "layer", "mutate"),
    [
        (
            encryption.encryption_key,
            "data",
            without("TransactionsTable", "SSESpecification", "KMSMasterKeyId"),
        ),
        (encryption.encryption_key, "storage", without("ApiLogsBucket", "BucketEncryption")),
        (
            encryption.encryption_key,
            "compute",
            setting("PaymentProcessorDlq", "KmsMasterKeyId", to="alias/aws/sqs"),
        ),
        (encryption.encryption_key, "compute", without("PaymentProcessorFunction", "KmsKeyArn")),
        (encryption.encryption_key, "api", without("OriginSecretOdd", "KmsKeyId")),
        (encryption.encryption_key, "observability", without("AlarmTopic", "KmsMasterKeyId")),
        (encryption.tls_only, "storage", removing("ArtifactsBucketPolicy")),
        (encryption.tls_only, "compute", removing("PaymentProcessorDlqPolicy")),
        (encryption.tls_only, "cdn", removing("AlarmTopicPolicy")),
        (
            encryption.tls_only,
            "storage",
            setting(
                "ArtifactsBucketPolicy", "PolicyDocument", "Statement", 0, "Effect", to="Allow"
            ),
        ),
        (
            encryption.tls_only,
            "storage",
            setting("ArtifactsBucketPolicy", "PolicyDocument", "Statement", 0, "Condition", to={}),
        ),
        (
            encryption.tls_version,
            "cdn",
            setting("Distribution", *CERTIFICATE, "MinimumProtocolVersion", to="TLSv1"),
        ),
        (
            encryption.tls_version,
            "cdn",
            without("Distribution", *CERTIFICATE, "MinimumProtocolVersion"),
        ),
        (
            encryption.tls_version,
            "cdn",
            setting(
                "Distribution", *ORIGIN, "CustomOriginConfig", "OriginSSLProtocols", to=["TLSv1"]
            ),
        ),
        (
            encryption.tls_version,
            "cdn",
            without("Distribution", *ORIGIN, "CustomOriginConfig", "OriginSSLProtocols"),
        ),
        (
            encryption.tls_version,
            "cdn",
            setting(
                "Distribution",
                *ORIGIN,
                "CustomOriginConfig",
                "OriginProtocolPolicy",
                to="http-only",
            ),
        ),
        (
            encryption.tls_version,
            "cdn",
            setting(
                "Distribution",
                "DistributionConfig",
                "DefaultCacheBehavior",
                "ViewerProtocolPolicy",
                to="allow-all",
            ),
        ),
    ],
)
def test_a_broken_template_is_found(
    rendered: Rendered, check: Check, layer: str, mutate: Mutation
) -> None:
    assert_found(check, rendered.templates[layer], mutate)

"""The payments platform. Start here to change any part of it."""

from __future__ import annotations

from typing import Final

from tapgen.model.layer import OutputRef
from tapgen.model.platform import Platform
from tapgen.payments.layers.registry import LAYERS

PLATFORM: Final = Platform(
    name="payments",
    layers=LAYERS,
    settings="tapgen.payments.settings:PaymentsSettings",
    checks="tapgen.payments.checks:CHECKS",
    rules="tapgen.payments.rules:RULES",
    guards="tapgen.payments.guards.registry:GUARDS",
    live_checks="tapgen.payments.live.site:SITE",
    functions="tapgen.payments.functions",
    guard_options={
        "--allow-capacity-reset": "Allow tables of a protected environment to drop below the "
        "capacity that autoscaling has set.",
        "--replace-logging-role": "Replace the account's logging role in API Gateway with the "
        "environment's, even if someone else has set it.",
        "--skip-delegation-check": "Request the certificate even if public DNS does not lead to "
        "the hosted zone yet.",
    },
    copy_options={
        "--cidr": "Address range of the VPC; by default a free one.",
        "--domain": "Domain; by default derived from the source's.",
        "--cost-center": "By default the same as in the source.",
    },
    tags={"CostCenter": "cost_center"},
    identity=("domain",),
    artifacts=OutputRef("storage", "ArtifactsBucketName"),
    rollout="functions.rollout",
    # The alarms that indicate errors for callers. Each applies only to its own region.
    rollback_alarms=(
        ("observability", "Api5xxAlarm"),
        ("observability", "PaymentProcessorErrorsAlarm"),
        ("observability", "SessionManagerErrorsAlarm"),
        ("observability", "TransactionsThrottlesAlarm"),
        ("cdn", "ErrorRateAlarm"),
    ),
)

"""The payments platform. A change of any part of it begins here."""

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
    guards="tapgen.payments.guards:GUARDS",
    live_checks="tapgen.payments.live:LIVE_CHECKS",
    functions="tapgen.payments.functions",
    tags={"CostCenter": "cost_center"},
    identity=("domain",),
    artifacts=OutputRef("storage", "ArtifactsBucketName"),
    # The alarms that say that callers are hurt; each counts in its own region only.
    rollback_alarms=(
        ("observability", "Api5xxAlarm"),
        ("observability", "PaymentProcessorErrorsAlarm"),
        ("observability", "SessionManagerErrorsAlarm"),
        ("observability", "TransactionsThrottlesAlarm"),
        ("cdn", "ErrorRateAlarm"),
    ),
)

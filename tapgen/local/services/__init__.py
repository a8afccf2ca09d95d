"""AWS services, or parts of one, that MiniStack does not have: small, stateful, readable back.

Only what tapgen's own layers deploy and read back is answered; anything else says so.
"""

from __future__ import annotations

from tapgen.local import internals
from tapgen.local.services import application_autoscaling, waf_logging


def install() -> None:
    internals.register_service(
        "application-autoscaling", application_autoscaling.SERVICE, "AnyScaleFrontendService."
    )
    internals.extend_service("wafv2", waf_logging.SERVICE)

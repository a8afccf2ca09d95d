"""The guards of the platform. A new one is a function and a line here."""

from __future__ import annotations

from typing import Final

from tapgen.deploy.guards.guard import Guard
from tapgen.payments.guards.account_logging import check_account_logging, name_dependants
from tapgen.payments.guards.api_updates import api_update
from tapgen.payments.guards.capacity import check_capacity
from tapgen.payments.guards.delegation import check_delegation, overdue
from tapgen.payments.guards.rotation import check_rotation

GUARDS: Final = (
    Guard("origin secret", check_rotation),
    Guard("autoscaled capacity", check_capacity),
    Guard("updates of the API", under_way=api_update),
    Guard("delegation", check_delegation, overdue),
    Guard("account logging", check_account_logging, before_destroy=name_dependants),
)

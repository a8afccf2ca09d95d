"""`tapgen deploy` of thirty environments at once, under simulated stack times and throttling.

The floor is what one environment takes at best (see `deploy`): thirty wait for AWS at the same
time. Where all are in one account and region, AWS lets nobody be that fast: there the floor is the
time that the calls take at the rate that is granted, where that is longer.
"""

from __future__ import annotations

from typing import Final

COUNT: Final = 30
# AWS publishes no number; this is of the order that users report (see tapgen/aws/pace.py).
RATE: Final = 10.0
_ONE_ACCOUNT: Final = "500000000000"
_DEPLOY: Final = ("deploy", "--all", "--yes", "--skip-delegation-check", "--quiet")

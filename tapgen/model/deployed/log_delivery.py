"""The statement that CloudWatch Logs adds to the policy of a bucket that it delivers logs to.

"If the bucket has a resource policy but that policy doesn't contain the statement [...], that
statement is appended to the bucket's resource policy" (CloudWatch Logs guide, "Logs sent to Amazon
S3" under "Logging that requires additional permissions [V2]"). A template cannot know it, and an
update of the policy removes it again, so it is not drift.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_SIDS: Final = ("AWSLogDelivery", "AWSLogsDelivery")
_PRINCIPAL: Final = {"Service": "delivery.logs.amazonaws.com"}
_ACTIONS: Final = frozenset({"s3:GetBucketAcl", "s3:ListBucket", "s3:PutObject"})


def added_by_delivery(statement: Any, account: str) -> bool:
    """True if it is such a statement, and allows only deliveries of the account."""
    if not isinstance(statement, Mapping):
        return False
    actions = statement.get("Action")
    condition = statement.get("Condition", {}).get("StringEquals", {})
    return (
        str(statement.get("Sid")).startswith(_SIDS)
        and statement.get("Effect") == "Allow"
        and statement.get("Principal") == _PRINCIPAL
        and set([actions] if isinstance(actions, str) else actions or "*") <= _ACTIONS
        and condition.get("aws:SourceAccount") in (account, [account])
    )


def without_additions(
    policy: Mapping[str, Any], declared: Mapping[str, Any], account: str
) -> dict[str, Any]:
    """A bucket's policy without such statements, except those that are declared by name."""
    own = {one.get("Sid") for one in declared.get("Statement", []) if isinstance(one, Mapping)}
    statements = [
        one
        for one in policy.get("Statement", [])
        if one.get("Sid") in own or not added_by_delivery(one, account)
    ]
    return {**policy, "Statement": statements} if "Statement" in policy else dict(policy)

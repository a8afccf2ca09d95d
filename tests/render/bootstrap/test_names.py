"""Names: within what AWS takes, for the longest prefix too."""

from __future__ import annotations

from tapgen.model.baseline import ROLES
from tapgen.render.bootstrap.names import LEDGER_BUCKET, ours

LONGEST = "p" * 23


def test_the_longest_names_fit() -> None:
    bucket = LEDGER_BUCKET.replace("${Prefix}", LONGEST).replace("${AWS::AccountId}", "1" * 12)
    assert len(bucket) <= 63  # S3 user guide, "General purpose bucket naming rules"
    roles = [f"tapgen-{LONGEST}-{purpose}" for purpose in ROLES]
    assert max(map(len, roles)) <= 64  # IAM user guide, "IAM and AWS STS quotas"


def test_who_is_meant_are_all_roles_of_the_environment() -> None:
    patterns = [one.to_dict()["Fn::Sub"].rpartition("/")[2] for one in ours()]
    assert patterns[0] == "${Prefix}-*"
    assert len(patterns) == 1 + len(ROLES)

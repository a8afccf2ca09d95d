from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.local.conftest import Account

SECRET = {
    "Secret": {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {"Name": "drift", "Description": "one", "SecretString": "x"},
    }
}


def drift(account: Account) -> str:
    cloudformation = account.client("cloudformation")
    cloudformation.detect_stack_drift(StackName="drift")
    (found,) = cloudformation.describe_stack_resource_drifts(StackName="drift")[
        "StackResourceDrifts"
    ]
    return str(found["StackResourceDriftStatus"])


@pytest.mark.slow
def test_drift_detection_finds_secrets_by_their_arn(account: Account) -> None:
    account.deploy("drift", SECRET)
    assert drift(account) == "IN_SYNC"
    account.client("secretsmanager").update_secret(SecretId="drift", Description="two")
    assert drift(account) == "MODIFIED"
    account.client("secretsmanager").delete_secret(
        SecretId="drift", ForceDeleteWithoutRecovery=True
    )
    assert drift(account) == "DELETED"

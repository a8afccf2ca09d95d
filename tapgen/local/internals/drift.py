"""Drift detection, where MiniStack's does not know what our provisioners make."""

from __future__ import annotations

from typing import Any

from ministack.services import secretsmanager
from ministack.services.cloudformation import drift

_SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - the name of a type


def find_secrets_by_arn() -> None:
    """Let drift detection find secrets by their ARN, which is what Ref gives on AWS.

    MiniStack looks for the name, and takes every secret for deleted.
    """
    read, supported = drift._DRIFT_READERS[_SECRET]

    def reader(physical_id: str, properties: dict[str, Any]) -> Any:
        name, _ = secretsmanager._resolve(physical_id)
        return read(name, properties)

    drift._DRIFT_READERS[_SECRET] = (reader, supported)

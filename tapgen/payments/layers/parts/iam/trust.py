"""Trust policies."""

from __future__ import annotations

from awacs import sts
from awacs.aws import Allow, Condition, PolicyDocument, Principal, Statement


def trust(service: str, condition: Condition | None = None) -> PolicyDocument:
    """The trust policy for one AWS service ("lambda"), optionally with a condition."""
    extra = {"Condition": condition} if condition else {}
    return PolicyDocument(
        Version="2012-10-17",
        Statement=[
            Statement(
                Effect=Allow,
                Principal=Principal("Service", f"{service}.amazonaws.com"),
                Action=[sts.AssumeRole],
                **extra,
            )
        ],
    )

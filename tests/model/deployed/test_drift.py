from __future__ import annotations

import json
from typing import Any

import pytest

from tapgen.model.changes.differences import ABSENT
from tapgen.model.changes.secrets import MASK
from tapgen.model.deployed.drift import (
    DELETED,
    IN_SYNC,
    MODIFIED,
    NOT_CHECKED,
    DriftedProperty,
    LayerDrift,
    PropertyDrift,
    ResourceDrift,
    shown,
)

CAPACITY = "/ProvisionedThroughput/ReadCapacityUnits"


@pytest.mark.parametrize(
    ("path", "expected", "actual", "scaled_up"),
    [
        (CAPACITY, "25", "40", True),
        (CAPACITY, "25", "25", True),
        (CAPACITY, "25", "24", False),
        (CAPACITY, "25", "null", False),
        ("/ProvisionedThroughput", {"ReadCapacityUnits": 5}, {"ReadCapacityUnits": "9"}, True),
        ("/ProvisionedThroughput", {"ReadCapacityUnits": 5}, {"WriteCapacityUnits": 9}, False),
        (
            "/GlobalSecondaryIndexes",
            [{"IndexName": "i", "ProvisionedThroughput": {"WriteCapacityUnits": 1}}],
            [{"IndexName": "i", "ProvisionedThroughput": {"WriteCapacityUnits": 7}}],
            True,
        ),
        ("/ProvisionedThroughput", {"ReadCapacityUnits": 5}, "null", False),
        ("/ProvisionedThroughput", "null", {"ReadCapacityUnits": 5}, False),
        ("/GlobalSecondaryIndexes", [{"IndexName": "i"}], [], False),
        ("/GlobalSecondaryIndexes", [{"IndexName": "i"}], "null", False),
        ("/GlobalSecondaryIndexes", "null", [{"IndexName": "i"}], False),
        ("/GlobalSecondaryIndexes", [{"IndexName": "i"}], [{"IndexName": "j"}], False),
        ("/MemorySize", "512", "1024", False),
        ("/Description", "plain text", "other text", False),
    ],
)
def test_capacity_above_its_floor_is_told_from_drift(
    path: str, expected: Any, actual: Any, scaled_up: bool
) -> None:
    texts = [v if isinstance(v, str) else json.dumps(v) for v in (expected, actual)]
    assert DriftedProperty(path, texts[0], texts[1]).scaled_up is scaled_up


def test_a_difference_is_named_by_its_top_level_property() -> None:
    assert DriftedProperty(CAPACITY, "1", "2").name == "ProvisionedThroughput"


def test_only_what_was_modified_or_deleted_has_drifted() -> None:
    each = [ResourceDrift(s, "T", s) for s in (IN_SYNC, MODIFIED, DELETED, NOT_CHECKED)]
    drift = LayerDrift("data", "CREATE_COMPLETE", tuple(each))
    assert [one.logical_id for one in drift.drifted] == [MODIFIED, DELETED]


@pytest.mark.parametrize(
    ("path", "declared", "deployed"),
    [
        ("Environment/Variables/API_TOKEN", "a", "b"),
        ("Environment/Variables/Password", "a", "b"),
        ("Origins", "{{resolve:secretsmanager:x}}", "b"),
        ("Origins", ["a"], [{"HeaderValue": "{{resolve:secretsmanager:x}}"}]),
    ],
)
def test_secrets_are_masked(path: str, declared: Any, deployed: Any) -> None:
    assert shown(PropertyDrift(path, declared, deployed, None)) == PropertyDrift(
        path, MASK, MASK, None
    )


def test_other_values_are_shown() -> None:
    plain = PropertyDrift("MemorySize", 512, "512", 1024)
    assert shown(plain) is plain


def delivery(**more: Any) -> dict[str, Any]:
    return {
        "Sid": "AWSLogDeliveryWrite1",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": "s3:PutObject",
        "Condition": {"StringEquals": {"aws:SourceAccount": "111111111111"}},
        **more,
    }


@pytest.mark.parametrize(
    ("difference", "is_drift"),
    [
        (DriftedProperty(CAPACITY, "25", "40"), False),
        (DriftedProperty(CAPACITY, "25", "24"), True),
        (
            DriftedProperty("/Rules/0/Statement/SearchStringBase64", "null", "eA==", added=True),
            False,
        ),
        (DriftedProperty("/Rules/0/Statement/SearchStringBase64", "eQ==", "eA=="), True),
        (DriftedProperty("/Rules/0/Statement/SearchString", "x", "y"), True),
        (DriftedProperty("/A/B", "{{resolve:secretsmanager:s:SecretString:k}}", "secret"), False),
        (DriftedProperty("/A/B", '{"C": "{{resolve:ssm:s}}"}', '{"C": "x"}'), True),
        (DriftedProperty("/P/Statement/3", "null", json.dumps(delivery()), added=True), False),
        (DriftedProperty("/P/Statement/3", json.dumps(delivery()), "null"), True),
        (
            DriftedProperty(
                "/P/Statement/3", "null", json.dumps(delivery(Principal="*")), added=True
            ),
            True,
        ),
    ],
)
def test_what_aws_itself_makes_is_no_drift(difference: DriftedProperty, is_drift: bool) -> None:
    assert difference.is_drift("111111111111") is is_drift


@pytest.mark.parametrize(
    ("path", "expected", "actual", "found"),
    [
        ("/DelaySeconds", "1", "9", [("DelaySeconds", "1", "9")]),
        ("/Role/Path", "null", "/x/", [("Role/Path", ABSENT, "/x/")]),
        (
            "/SecurityGroupIngress",
            '[{"FromPort":443},{"FromPort":80}]',
            '[{"FromPort":22},{"FromPort":80},{"FromPort":443}]',
            [("SecurityGroupIngress/0", ABSENT, {"FromPort": 22})],
        ),
        (
            "/KeyPolicy",
            '{"Statement":[{"Sid":"A","Action":["a","b"]}]}',
            '{"Statement":[{"Sid":"B"},{"Sid":"A","Action":["b","a"]}]}',
            [("KeyPolicy/Statement/B", ABSENT, {"Sid": "B"})],
        ),
        (
            "/Origins",
            '[{"Value":"{{resolve:secretsmanager:x}}"}]',
            '[{"Value":"the secret"}]',
            [("Origins", '[{"Value":"{{resolve:secretsmanager:x}}"}]', '[{"Value":"the secret"}]')],
        ),
    ],
)
def test_the_smallest_parts_are_told(
    path: str, expected: str, actual: str, found: list[tuple[str, Any, Any]]
) -> None:
    parts = DriftedProperty(path, expected, actual).parts()
    assert [(one.path, one.before, one.after) for one in parts] == found

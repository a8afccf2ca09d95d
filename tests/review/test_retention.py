"""What can be found again, by what AWS's schemas say of its type."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.review import retention
from tapgen.review.retention import Naming, naming_of


@pytest.mark.parametrize(
    ("kind", "naming"),
    [
        (
            "AWS::RDS::DBInstance",
            Naming("DBInstanceIdentifier", "DBInstanceIdentifier", "Tags"),
        ),
        (
            "AWS::Backup::BackupVault",
            Naming("BackupVaultName", "BackupVaultName", "BackupVaultTags"),
        ),
        ("AWS::Kinesis::Stream", Naming("Name", "Name", "Tags")),
        # AWS gives the ARN: all have to be gone through.
        ("AWS::MSK::Cluster", Naming("ClusterName", "Arn", "Tags", listed=True)),
        ("AWS::SNS::Topic", Naming("TopicName", "TopicArn", "Tags", listed=True)),
        ("AWS::EFS::FileSystem", None),  # no name at all
        ("AWS::EC2::Volume", None),
        ("AWS::DynamoDB::GlobalTable", None),  # no tags of its own
        ("AWS::ApiGateway::Stage", None),  # part of something else
        ("AWS::DocDB::DBCluster", None),  # no handlers
        ("Custom::Thing", None),
    ],
)
def test_a_name_and_tags_are_what_it_takes(kind: str, naming: Naming | None) -> None:
    assert naming_of(kind) == naming


def test_tags_that_aws_does_not_tell_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    schema: dict[str, Any] = {
        "handlers": {"read": {}},
        "primaryIdentifier": ["/properties/Name"],
        "properties": {"Name": {}, "Tags": {}},
        "tagging": {"taggable": True, "tagProperty": "/properties/Tags"},
        "writeOnlyProperties": ["/properties/Tags"],
    }
    monkeypatch.setattr(retention, "resource_schema", lambda _: schema)
    monkeypatch.setattr(retention, "identifier_properties", lambda _: ("Name",))
    monkeypatch.setattr(retention, "handles", lambda _, verb: verb in schema["handlers"])
    assert naming_of.__wrapped__("Any::Type") is None

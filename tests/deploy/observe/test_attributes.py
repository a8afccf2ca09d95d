from __future__ import annotations

import pytest

from tapgen.deploy.observe.attributes import known_attributes

PLACE = {"region": "eu-west-1", "account": "111111111111"}


@pytest.mark.parametrize(
    ("resource_type", "physical_id", "attribute", "value"),
    [
        ("AWS::S3::Bucket", "logs", "Arn", "arn:aws:s3:::logs"),
        ("AWS::IAM::Role", "r", "Arn", "arn:aws:iam::111111111111:role/r"),
        ("AWS::KMS::Key", "k", "Arn", "arn:aws:kms:eu-west-1:111111111111:key/k"),
        ("AWS::Logs::LogGroup", "/g", "Arn", "arn:aws:logs:eu-west-1:111111111111:log-group:/g:*"),
        ("AWS::SQS::Queue", "https://sqs/1/q", "Arn", "arn:aws:sqs:eu-west-1:111111111111:q"),
        ("AWS::SQS::Queue", "https://sqs/1/q", "QueueName", "q"),
        ("AWS::Lambda::Version", "arn:aws:lambda:eu-west-1:1:function:f:7", "Version", "7"),
        (
            "AWS::WAFv2::WebACL",
            "acl|1-2|REGIONAL",
            "Arn",
            "arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/acl/1-2",
        ),
        (
            "AWS::WAFv2::WebACL",
            "acl|1-2|CLOUDFRONT",
            "Arn",
            "arn:aws:wafv2:eu-west-1:111111111111:global/webacl/acl/1-2",
        ),
    ],
)
def test_names_tell_attributes(
    resource_type: str, physical_id: str, attribute: str, value: str
) -> None:
    known = known_attributes({}, {"It": (resource_type, physical_id)}, {}, PLACE)
    assert known[f"It.{attribute}"] == value


def test_other_types_tell_nothing() -> None:
    assert known_attributes({}, {"It": ("AWS::EC2::VPC", "vpc-1")}, {}, PLACE) == {}


def test_outputs_that_are_attributes_tell_them() -> None:
    document = {
        "Outputs": {
            "Name": {"Value": {"Fn::GetAtt": ["Site", "DomainName"]}},
            "Id": {"Value": {"Ref": "Site"}},
            "Text": {"Value": "text"},
            "Gone": {"Value": {"Fn::GetAtt": ["Site", "Other"]}},
        }
    }
    outputs = {"Name": "d1.cloudfront.net", "Id": "E1", "Text": "text"}
    assert known_attributes(document, {}, outputs, PLACE) == {"Site.DomainName": outputs["Name"]}

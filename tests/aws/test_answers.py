"""What comes back and is no answer of AWS's, and what is one though it is short."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.answers import UnusableAnswerError
from tapgen.aws.cloudformation.reading import StackReader
from tapgen.aws.errors import LOST_ANSWER, UnavailableError, explained

if TYPE_CHECKING:
    from tests.aws.conftest import Canned

Call = Callable[[Any], Any]

PAGE = b"<!DOCTYPE html><html><head><title>Sign\n in \x1b[2K</title></head></html>"
STACKS = b"<DescribeStacksResponse><DescribeStacksResult><Stacks/></DescribeStacksResult></%b>"
WHOLE = STACKS % b"DescribeStacksResponse"
JSON = "application/x-amz-json-1.1"


def deleting(client: Any) -> Any:
    return client.delete_stack(StackName="x")


def listing(client: Any) -> Any:
    return client.describe_stacks()


def putting(client: Any) -> Any:
    return client.put_parameter(Name="x", Value="y", Type="String")


@pytest.mark.parametrize(
    ("service", "call", "body", "told"),
    [
        ("cloudformation", deleting, PAGE, "is not in AWS's form"),
        ("cloudformation", deleting, b"", "is not in AWS's form"),
        ("cloudformation", listing, WHOLE[:40], "is not in AWS's form"),
        ("cloudformation", listing, b'{"Stacks": []}', "is not in AWS's form"),
        ("cloudformation", listing, b"<DescribeStacksResponse/>", "is not in AWS's form"),
        ("cloudformation", listing, WHOLE.replace(b"<Stacks/>", b""), "lacks everything that"),
        ("ec2", lambda ec2: ec2.describe_vpcs(), PAGE, "is not in AWS's form"),
        ("ec2", lambda ec2: ec2.describe_vpcs(), b"<DescribeVpcsResponse/>", "lacks everything"),
        ("ssm", putting, b"", "lacks everything that the call returns: HTTP 200, an empty body"),
        ("ssm", putting, b"{}", "lacks everything that the call returns"),
        ("ssm", putting, b'{"Version"', "is not in AWS's form"),
        ("ssm", putting, b"[1]", "is not in AWS's form"),
        ("ssm", putting, b"<Version>1</Version>", "is not in AWS's form"),
        ("ssm", lambda ssm: ssm.delete_parameter(Name="x"), PAGE, "is not in AWS's form"),
        ("apigateway", lambda api: api.get_rest_api(restApiId="x"), PAGE, "is not in AWS's form"),
        ("s3", lambda s3: s3.list_buckets(), PAGE, "HTTP 500, text/html"),  # botocore's number
        ("s3", lambda s3: s3.get_bucket_tagging(Bucket="x"), b"no", "HTTP 500"),
        ("route53", lambda aws: aws.get_hosted_zone(Id="x"), b"no", "is not in AWS's form"),
        ("route53", lambda aws: aws.get_hosted_zone(Id="x"), PAGE, "is not in AWS's form"),
        ("s3", lambda s3: s3.list_buckets(), b"", "lacks everything that the call returns"),
        ("s3", lambda s3: s3.head_bucket(Bucket="x"), b"", "is not S3's"),
    ],
)
def test_a_success_that_is_none(
    canned: Canned, service: str, call: Call, body: bytes, told: str
) -> None:
    canned.answer(body, kind="text/html" if body == PAGE else "")
    client = canned.client(service)
    with pytest.raises(UnusableAnswerError, match=told) as raised:
        call(client)
    assert len(canned.requests) == 10
    assert f"the answer to {service} " in raised.value.message
    assert "proxy" in raised.value.hint
    assert isinstance(raised.value, LOST_ANSWER)


@pytest.mark.parametrize("status", [301, 403, 404, 502, 503])
@pytest.mark.parametrize("body", [PAGE, b"", b"no"])
@pytest.mark.parametrize(("service", "call"), [("cloudformation", listing), ("ssm", putting)])
def test_an_error_that_names_none(
    canned: Canned, service: str, call: Call, body: bytes, status: int
) -> None:
    canned.answer(body, status, kind="text/html")
    client = canned.client(service)
    with (
        pytest.raises(UnavailableError, match=f"^at it: .*not an AWS error: HTTP {status}"),
        explained("at it"),
    ):
        call(client)


def test_what_came_is_told_in_a_few_words(canned: Canned) -> None:
    canned.answer(PAGE, 403, kind="text/html; charset=utf-8")
    client = canned.client("cloudformation")
    with pytest.raises(UnusableAnswerError) as raised:
        deleting(client)
    assert raised.value.message == (
        "the answer to cloudformation DeleteStack in eu-west-1 is not an AWS error: HTTP 403, "
        'text/html, "Sign in \x1b[2K"'
    )


@pytest.mark.parametrize(
    ("service", "call", "body"),
    [
        ("cloudformation", listing, WHOLE),
        ("cloudformation", listing, b'<?xml version="1.0"?>\n' + WHOLE),
        ("cloudformation", deleting, b"<DeleteStackResponse/>"),
        (
            "cloudformation",
            lambda aws: aws.get_stack_policy(StackName="x"),
            b"<GetStackPolicyResponse><GetStackPolicyResult/></GetStackPolicyResponse>",
        ),
        ("ssm", lambda ssm: ssm.delete_parameter(Name="x"), b""),
        ("sqs", lambda sqs: sqs.list_queue_tags(QueueUrl="http://127.0.0.1:9/x"), b"{}"),
        ("s3", lambda s3: s3.get_bucket_versioning(Bucket="x"), b"<VersioningConfiguration/>"),
        ("s3", lambda s3: s3.get_bucket_policy(Bucket="x"), b'{"Statement": []}'),
        ("s3", lambda s3: s3.get_object(Bucket="x", Key="y"), b"whatever"),
    ],
)
def test_short_answers_are_answers(canned: Canned, service: str, call: Call, body: bytes) -> None:
    canned.answer(body, kind="")
    call(canned.client(service))
    assert len(canned.requests) == 1


def test_s3_signs_its_answers_to_head(canned: Canned) -> None:
    canned.answer(b"", x_amz_request_id="1")
    canned.client("s3").head_bucket(Bucket="x")
    canned.answers.clear()
    canned.answer(b"", 404, x_amz_request_id="1")
    client = canned.client("s3")
    with pytest.raises(client.exceptions.ClientError, match="404"):
        client.head_bucket(Bucket="x")
    assert len(canned.requests) == 2


def test_an_error_of_a_modeled_shape_that_cannot_be_read_is_an_error_all_the_same(
    canned: Canned,
) -> None:
    canned.answer(b'{"__type": "StackNotFound", "Message": 1}', 400, kind=JSON)
    client = canned.client("cognito-idp")
    with pytest.raises(client.exceptions.ClientError, match="StackNotFound"):
        client.list_user_pools(MaxResults=1)


def test_what_an_answer_lacks_further_in_is_told_where_it_is_missed(canned: Canned) -> None:
    canned.answer(b'{"Parameter": {"Name": "x", "Policies": []}}', kind=JSON)
    found = canned.client("ssm").get_parameter(Name="x")
    assert found["Parameter"]["Name"] == "x"
    assert found["Parameter"].get("Value") is None
    with pytest.raises(UnavailableError) as raised, explained("reading x"):
        found["Parameter"]["Value"]
    assert raised.value.message == "reading x: the answer to GetParameter lacks Value"


def test_a_list_that_has_to_have_one_item_lacks_it(canned: Canned) -> None:
    canned.answer(WHOLE)
    reader = StackReader(canned.account, "eu-west-1")
    canned.client("cloudformation")
    with pytest.raises(UnavailableError, match="lacks the Stacks that were requested"):
        reader.describe("x")

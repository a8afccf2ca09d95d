from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError

from tapgen.local import client
from tests.conftest import aws_client

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws

pytestmark = pytest.mark.slow


def test_a_user_may_do_what_its_policies_say_and_the_root_everything(enforcing: LocalAws) -> None:
    assert enforcing.enforces_iam
    iam = aws_client(enforcing, "iam", "777777777778", "us-east-1")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    theirs = boto3.session.Session(key["AccessKeyId"], key["SecretAccessKey"]).client(
        "dynamodb", endpoint_url=enforcing.endpoint_url, region_name="us-east-1"
    )
    with pytest.raises(ClientError, match=r"not authorized to perform: dynamodb:ListTables"):
        theirs.list_tables()
    policy = (
        '{"Version": "2012-10-17", "Statement": '
        '[{"Effect": "Allow", "Action": "dynamodb:ListTables", "Resource": "*"}]}'
    )
    iam.put_user_policy(UserName="nobody", PolicyName="list", PolicyDocument=policy)
    assert theirs.list_tables()["TableNames"] == []


def test_it_is_found_again_as_one_that_enforces(enforcing: LocalAws) -> None:
    project = enforcing.directory.parents[1]
    assert client.start(project) == client.start(project, enforce_iam=True) == enforcing

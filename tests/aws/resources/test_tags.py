"""Whose a resource is; test_retained.py asks for every kind in the local AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from tapgen.aws.resources.retained import Region
from tapgen.aws.resources.tags import tags_of

if TYPE_CHECKING:
    from tapgen.aws.account import Account


def test_a_bucket_without_tags_has_none_and_other_refusals_are_told(account: Account) -> None:
    region = Region(account, "us-east-1")
    with Stubber(region.client("s3")) as aws:
        aws.add_client_error("get_bucket_tagging", "NoSuchTagSet", "none")
        assert tags_of(region, "AWS::S3::Bucket", "b") == {}
        aws.add_client_error("get_bucket_tagging", "AccessDenied", "no")
        with pytest.raises(ClientError, match="AccessDenied"):
            tags_of(region, "AWS::S3::Bucket", "b")

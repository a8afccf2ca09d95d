"""The logging role of an account; tests/payments/guards has it in the local AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from tapgen.aws.readers.apigateway import _account_logging
from tapgen.aws.readers.values import NotRead
from tapgen.aws.resources.account_logging import LoggingRole, logging_role
from tapgen.aws.resources.retained import Region
from tapgen.errors import TapgenError

if TYPE_CHECKING:
    from tapgen.aws.account import Account

ARN = "arn:aws:iam::111111111111:role/service/logs"


def test_a_role_of_somebody_else_may_be_out_of_sight(account: Account) -> None:
    region = Region(account, "us-east-1")
    with Stubber(region.client("apigateway")) as api, Stubber(region.client("iam")) as iam:
        for _ in range(3):
            api.add_response("get_account", {"cloudwatchRoleArn": ARN})
        iam.add_client_error("get_role", "AccessDenied", "no", expected_params={"RoleName": "logs"})
        assert logging_role(region) == LoggingRole(ARN, exists=None)
        iam.add_client_error("get_role", "AccessDenied", "no")
        assert isinstance(_account_logging(region), NotRead)
        iam.add_client_error("get_role", "ServiceFailure", "later")
        with pytest.raises(TapgenError, match="reading API Gateway's settings of the account"):
            logging_role(region)

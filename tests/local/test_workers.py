"""How many processes of functions the local AWS keeps."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tapgen.local.internals.functions.workers import IDLE
from tests.local.test_interfaces import make_function
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.local.conftest import Account

ALONE: dict[str, list[str]] = {"SubnetIds": [], "SecurityGroupIds": []}


def processes(account: Account, name: str = "") -> int:
    """Processes of functions whose names begin so."""
    beginning = f"{account.local.directory / 'tmp'}/ministack-lambda-"
    found = 0
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = status.read_text().split("\0")
        except OSError:  # it has ended
            continue
        found += any(f"{beginning}{name}" in word for word in words)
    return found


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_those_that_were_used_last_are_kept(account: Account) -> None:
    functions = account.client("lambda")
    for number in range(IDLE + 3):
        make_function(account, f"kept-{number}-", ALONE)
        functions.invoke(FunctionName=f"kept-{number}-")
    wait_until(lambda: processes(account) <= IDLE + 1)
    assert processes(account, "kept-0-") == 0
    assert processes(account, f"kept-{IDLE + 2}-") == 1
    assert functions.invoke(FunctionName="kept-0-")["StatusCode"] == 200


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_function_goes_with_its_processes(account: Account) -> None:
    resources = {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": {"Statement": []}},
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "going-",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Code": {"ZipFile": "def handler(event, context): ..."},
            },
        },
    }
    account.deploy("functions", resources)
    account.client("lambda").invoke(FunctionName="going-")
    assert processes(account, "going-") == 1
    account.delete("functions")
    wait_until(lambda: processes(account, "going-") == 0)
    assert processes(account, "going-") == 0

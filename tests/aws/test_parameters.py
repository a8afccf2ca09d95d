"""Parameters of Systems Manager as the local AWS has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from tapgen.aws.account import Account, Connection
from tapgen.aws.parameters import SECURE, Parameter, parameters
from tapgen.errors import TapgenError
from tests.lab import REGION

if TYPE_CHECKING:
    from tests.lab import Lab


@pytest.fixture
def account(lab: Lab) -> Account:
    return Account(lab.account, Connection(endpoint_url=lab.local.endpoint_url, local=True))


def put(lab: Lab, name: str, value: str, **more: Any) -> None:
    lab.client("ssm").put_parameter(Name=name, Value=value, **{"Type": "String", **more})


def test_what_is_not_there_is_not_among_them(lab: Lab, account: Account) -> None:
    put(lab, "/a/one", "1")
    put(lab, "two", "x,y", Type="StringList")
    found = parameters(account, REGION, ["/a/one", "two", "/a/three"])
    assert found == {"/a/one": Parameter("String", "1"), "two": Parameter("StringList", "x,y")}
    assert parameters(account, "eu-west-1", ["/a/one"]) == {}
    assert parameters(account, REGION, []) == {}


def test_a_secure_one_is_not_decrypted(lab: Lab, account: Account) -> None:
    put(lab, "/a/key", "hidden", Type=SECURE)
    assert parameters(account, REGION, ["/a/key"]) == {"/a/key": Parameter(SECURE, "")}


def test_one_may_be_pinned(lab: Lab, account: Account) -> None:
    put(lab, "/a/one", "1")
    put(lab, "/a/one", "2", Overwrite=True)
    lab.client("ssm").label_parameter_version(Name="/a/one", ParameterVersion=1, Labels=["good"])
    found = parameters(account, REGION, ["/a/one:1", "/a/one:good", "/a/one", "/a/one:3"])
    assert {name: one.value for name, one in found.items()} == {
        "/a/one:1": "1",
        "/a/one:good": "1",
        "/a/one": "2",
    }


def test_ten_are_read_with_a_call(lab: Lab, account: Account) -> None:
    asked: list[list[str]] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        asked.append(params["Names"])

    client = account.client("ssm", REGION)
    client.meta.events.register("provide-client-params.ssm.GetParameters", note)
    names = [f"/a/{number}" for number in range(21)]
    for name in names:
        put(lab, name, name)
    assert [*parameters(account, REGION, [*names, *names])] == names
    assert [len(some) for some in asked] == [10, 10, 1]


def test_whoever_may_not_read_them_is_told_so(account: Account) -> None:
    with Stubber(account.client("ssm", REGION)) as aws:
        aws.add_client_error("get_parameters", "AccessDeniedException")
        with pytest.raises(TapgenError, match="reading the parameters /a, /b: "):
            parameters(account, REGION, ["/a", "/b"])

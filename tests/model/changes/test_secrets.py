from __future__ import annotations

from typing import Any

import pytest

from tapgen.model.changes.change import KNOWN_AFTER_APPLY, PropertyChange
from tapgen.model.changes.secrets import (
    MASK,
    masked,
    masked_parameters,
    secret_name,
    secret_parameters,
)
from tapgen.model.limits import SECRET_LOCATOR, or_empty


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("MasterUserPassword", True),
        ("DB_PASSWD", True),
        ("passphrase", True),
        ("ClientSecret", True),
        ("SecretString", True),
        ("GITHUB_TOKEN", True),
        ("ApiKey", True),
        ("private_key", True),
        ("AccessKey", True),
        ("SecretArn", False),
        ("OriginSecretName", False),
        ("SecretId", False),
        ("KmsKeyId", False),
        ("KeySchema", False),
        ("TableName", False),
        ("", False),
    ],
)
def test_secrets_are_told_by_their_names(name: str, secret: bool) -> None:
    assert secret_name(name) is secret


PARAMETERS = {
    "Pin": {"Type": "String", "NoEcho": "true"},
    "Code": {"Type": "String", "NoEcho": True},
    "Loud": {"Type": "String", "NoEcho": False},
    "Password": {"Type": "String"},
    "Size": {"Type": "Number"},
}


def test_secret_parameters_are_masked(make_template: Any) -> None:
    template = make_template(Parameters=PARAMETERS, Table="AWS::DynamoDB::Table")
    assert secret_parameters(template) == {"Pin", "Code", "Password"}
    assert masked_parameters(template, {"Pin": "1234", "Size": "5", "Password": "x"}) == {
        "Pin": MASK,
        "Size": "5",
        "Password": MASK,
    }


DECLARED = {
    "Type": "X",
    "Properties": {
        "Pinned": {"Fn::Sub": "a${Pin}"},
        "Decided": {"Fn::If": ["HasPin", "yes", "no"]},
        "Header": {"Fn::Sub": "{{resolve:secretsmanager:${Name}:SecretString:current}}"},
        "Environment": {"Variables": {"DB_PASSWORD": "x"}},
        "Open": {"Ref": "Size"},
    },
}


@pytest.mark.parametrize(
    ("detail", "hidden"),
    [
        (PropertyChange("/Properties/Open", name="Open"), False),
        (PropertyChange(name="Open"), False),
        (PropertyChange("/Properties/Open", name="Open", cause="Pin"), True),
        (PropertyChange("/Properties/Pinned", name="Pinned"), True),
        (PropertyChange(name="Pinned"), True),
        (PropertyChange("/Properties/Decided", name="Decided"), True),
        (PropertyChange("/Properties/Header/0/HeaderValue", name="Header"), True),
        (PropertyChange("/Properties/Environment", name="Environment"), True),
        (PropertyChange("/Properties/Environment/Variables/A_TOKEN", name="Environment"), True),
        (PropertyChange("/Properties/Passwords/First/Id", name="Open"), True),
        (PropertyChange(attribute="Metadata"), False),
    ],
)
def test_what_a_secret_goes_into_is_masked(
    make_template: Any, detail: PropertyChange, hidden: bool
) -> None:
    template = make_template(
        Parameters=PARAMETERS,
        Conditions={"HasPin": {"Fn::Equals": [{"Ref": "Pin"}, "1"]}},
        Thing=DECLARED,
    )
    detail = PropertyChange(**{**vars(detail), "before": "old", "after": "new"})
    (shown,) = masked([detail], [(template, DECLARED)])
    assert (shown.before, shown.after) == ((MASK, MASK) if hidden else ("old", "new"))


@pytest.mark.parametrize("after", [None, KNOWN_AFTER_APPLY])
def test_what_is_no_value_is_not_masked(after: str | None) -> None:
    (shown,) = masked([PropertyChange(name="Password", before="x", after=after)], [])
    assert (shown.before, shown.after) == (MASK, after)


@pytest.mark.parametrize("pattern", [SECRET_LOCATOR, or_empty(SECRET_LOCATOR)])
def test_what_says_which_secret_it_is_may_be_shown(make_template: Any, pattern: str) -> None:
    declared = {"Type": "String", "AllowedPattern": pattern}
    of = make_template(Parameters={"Password": declared, "Token": {"Type": "String"}})
    assert secret_parameters(of) == {"Token"}
    masked_ = masked_parameters(of, {"Password": "db:SecretString:a", "Token": "x"})
    assert masked_ == {"Password": "db:SecretString:a", "Token": MASK}

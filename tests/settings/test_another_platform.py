"""The room works for any platform: a small one, of which the engine knows nothing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tapgen.errors import TapgenError, UsageError
from tapgen.model.limits import SECRET_LOCATOR
from tapgen.model.platform import Platform
from tapgen.settings.base import Elsewhere, SecretReference
from tapgen.settings.checks.rules import Checks, Rule, checks_of
from tapgen.settings.comparison import differences
from tapgen.settings.editing.new_environment import Wanted, replicate
from tapgen.settings.faults import EnvironmentFaults
from tapgen.settings.fields import fields
from tapgen.settings.names import names
from tapgen.settings.schema import json_schema
from tapgen.settings.store import load, load_all
from tests.paths import ROOT
from tests.settings.shop import ENVIRONMENTS, PLATFORM, ShopSettings


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shop's environment files, seen from the directory above them."""
    monkeypatch.chdir(tmp_path)
    envs = Path("envs")
    envs.mkdir()
    for name, content in ENVIRONMENTS.items():
        (envs / f"{name}.yaml").write_text(content)
    return envs


def faults(envs: Path) -> list[str]:
    with pytest.raises(EnvironmentFaults) as caught:
        load_all(envs, PLATFORM, outputs=lambda layer: [f"{layer.name.capitalize()}Url"])
    return caught.value.message.splitlines()


def test_its_environments_come_in_the_order_of_its_stages(shop: Path) -> None:
    (shop / "alpha.yaml").write_text("")
    assert names(shop, PLATFORM.stages) == ["test", "live", "alpha"]


def test_its_settings_are_loaded_with_those_of_every_platform(shop: Path) -> None:
    live = load(shop, PLATFORM, "live")
    assert isinstance(live.settings, ShopSettings)
    assert (live.settings.web.servers, live.settings.motto) == (3, "Buy")
    assert live.prefix == "shop-live"
    assert live.platform is PLATFORM
    assert live.fields == fields(PLATFORM)
    assert (live.may_vary("web.servers"), live.may_vary("motto")) == (True, False)
    assert list(live.leaves) == [
        *("name", "project", "stack_prefix", "account_id", "region", "protection"),
        *("motto", "till", "web.servers", "web.key"),
        *("deployment.express", "deployment.role_arn", "deployment.permission_boundary"),
        *("deployment.notification_arn", "deployment.rollback_alarms"),
        *("deployment.monitoring_minutes", "deployment.ledger", "deployment.notify"),
        *("deployment.approvals", "deployment.approval_hours", "deployment.promoted_from"),
        *("timeout_minutes.default", "timeout_minutes.web", "cost.monthly_limit"),
        *("cost.requests_per_month", "cost.request_milliseconds"),
        *("cost.request_kilobytes", "cost.request_log_bytes"),
    ]
    found = {one.setting for one in differences(load(shop, PLATFORM, "test"), live)}
    assert found == {"name", "account_id", "motto", "web.servers", "timeout_minutes.web"}


def test_its_rules_are_checked_beside_those_of_every_platform(shop: Path) -> None:
    live = shop / "live.yaml"
    live.write_text(live.read_text().replace("3", "1"))
    assert faults(shop) == [
        "envs/live.yaml:5:12: web.servers: one server is too few for a motto; at least 2",
        (
            "envs/live.yaml:5:12: web.servers: 1 in live is less than 2 in test "
            "(envs/test.yaml:3:16); it must not shrink from test to live"
        ),
    ]
    live.write_text(ENVIRONMENTS["live"])
    (shop / "test.yaml").write_text(ENVIRONMENTS["test"] + "motto: Buy\nprotection: on\n")
    assert faults(shop) == [
        "envs/live.yaml:3:8: motto: test says that",
        "envs/test.yaml:4:8: motto: live says that",
        (
            'envs/test.yaml:5:13: protection: "on" is neither true nor false; '
            "write true, without quotes"
        ),
    ]


@pytest.mark.parametrize(
    ("motto", "fault"),
    [
        ("buy", '"buy" does not fit; What the shop says.'),
        ("5", "5 is a number to YAML; in quotes it would not be accepted either: What the shop"),
        ("[Buy]", "is a list; write one value: What the shop says."),
    ],
)
def test_a_text_whose_form_nobody_declared_is_described(shop: Path, motto: str, fault: str) -> None:
    (shop / "test.yaml").write_text(ENVIRONMENTS["test"] + f"motto: {motto}\n")
    (found,) = faults(shop)
    assert found.startswith(f"envs/test.yaml:4:8: motto: {fault}")


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("live.web.WebUrl", ""),
        ("live.web.Url", "the layer web has no output Url; did you mean WebUrl?"),
        ("live.zone.Id", "there is no layer zone; one of web, shelf"),
    ],
)
def test_its_layers_are_those_that_can_be_read(shop: Path, output: str, expected: str) -> None:
    (shop / "test.yaml").write_text(ENVIRONMENTS["test"] + f"motto: {{output: {output}}}\n")
    if expected:
        (fault,) = faults(shop)
        assert fault == f"envs/test.yaml:4:8: motto: {expected}"
    else:
        assert load(shop, PLATFORM, "test").value("motto") == Elsewhere(output=output)


def test_an_output_that_nobody_knows_of_is_not_checked(shop: Path) -> None:
    (shop / "test.yaml").write_text(ENVIRONMENTS["test"] + "motto: {output: live.web.Url}\n")
    assert load(shop, PLATFORM, "test").parameter("motto") == "{output: live.web.Url}"


def test_the_outputs_of_a_layer_are_asked_for_once_and_only_where_one_is_read(shop: Path) -> None:
    asked = []

    def outputs(layer: object) -> list[str]:
        asked.append(layer)
        return ["Url"]

    load_all(shop, PLATFORM, outputs=outputs)
    assert asked == []
    for name in ("test", "more"):
        text = ENVIRONMENTS["test"].replace("test", name) + "motto: {output: live.web.Url}\n"
        (shop / f"{name}.yaml").write_text(text)
    with pytest.raises(EnvironmentFaults, match="says that"):
        load_all(shop, PLATFORM, outputs=outputs)
    assert asked == [PLATFORM.layers[0]]


def test_a_copy_gets_what_its_hook_says(shop: Path) -> None:
    replica = replicate(shop, PLATFORM, "live", Wanted("demo", "3" * 12, region="eu-west-2"))
    assert replica.environment.value("motto") == "Shop demo in eu-west-2"
    assert replica.summary == {"motto": "Shop demo in eu-west-2"}
    given = Wanted("demo", "3" * 12, options={"motto": "Sell"})
    assert replicate(shop, PLATFORM, "live", given).environment.value("motto") == "Sell"
    with pytest.raises(UsageError, match="the platform shop has no option --cidr"):
        replicate(shop, PLATFORM, "live", replace(given, options={"cidr": "10.0.0.0/16"}))


VERSION = "a1b2c3d4-5678-90ab-cdef-1234567890ab"


@pytest.mark.parametrize(
    ("written", "locator"),
    [
        ("{secret: shop/till}", "shop/till:SecretString"),
        ("{secret: shop/till, key: code}", "shop/till:SecretString:code"),
        (f"{{secret: shop/till, version: {VERSION}}}", f"shop/till:SecretString:::{VERSION}"),
        (
            f"{{secret: shop/till, key: code, version: {VERSION}}}",
            f"shop/till:SecretString:code::{VERSION}",
        ),
        (
            "{secret: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:a-AbCdEf', key: b}",
            "arn:aws:secretsmanager:eu-west-1:111111111111:secret:a-AbCdEf:SecretString:b",
        ),
    ],
)
def test_a_secret_is_named_and_located(shop: Path, written: str, locator: str) -> None:
    (shop / "test.yaml").write_text(ENVIRONMENTS["test"] + f"till: {written}\n")
    found = load(shop, PLATFORM, "test")
    till = found.value("till")
    assert isinstance(till, SecretReference)
    assert till.locator == locator
    assert re.fullmatch(SECRET_LOCATOR, locator)
    assert found.parameter("till") == written.replace("'", "")
    assert jsonschema.Draft202012Validator(json_schema(PLATFORM)).is_valid({"till": till.entry})


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("hunter2", "4:7: till: is a secret, and everybody who sees the file could read it; write"),
        ("[hunter2]", "4:7: till: is a secret, and everybody who sees the file could read it"),
        ("{secret: 'hunter 2'}", "4:16: till: secret is not the name or ARN of a secret; write"),
        ("{secret: [hunter2]}", "4:16: till: secret is not the name or ARN of a secret"),
        ("{secret: a, key: 'hunter:2'}", "4:24: till: key is not a key: letters, digits and"),
        ("{secret: a, version: hunter2}", "4:28: till: version is not the id of a version, 32"),
        (
            "{secret: a, stage: b}",
            '4:19: till: "stage" is not a part of a secret; there are secret',
        ),
        ("{key: a}", "4:7: till: does not name the secret; write {secret: NAME, key: KEY}, a secr"),
        ("{ssm: /a}", '4:8: till: "ssm" is not a part of a secret; there are secret, key, version'),
    ],
)
def test_a_secret_itself_is_refused_and_repeated_nowhere(
    shop: Path, written: str, fault: str
) -> None:
    (shop / "test.yaml").write_text(ENVIRONMENTS["test"] + f"till: {written}\n")
    (found,) = faults(shop)
    assert found.startswith(f"envs/test.yaml:{fault}")
    assert "hunter" not in found


def test_a_secret_may_be_left_out(shop: Path) -> None:
    assert load(shop, PLATFORM, "test").parameter("till") == ""
    assert fields(PLATFORM)["till"].own == "it is a secret, which only CloudFormation reads"
    declared = json_schema(PLATFORM)["properties"]["till"]
    assert (declared["description"], declared["x-varies"]) == ("Opens the till.", True)
    schema = jsonschema.Draft202012Validator(json_schema(PLATFORM))
    assert schema.is_valid({"till": None})
    assert not schema.is_valid({"web": {"key": "hunter2"}})
    assert schema.is_valid({"web": {"key": {"secret": "shop/key"}}})
    assert not schema.is_valid({"till": "hunter2"})
    assert not schema.is_valid({"till": {"key": "a"}})


def test_its_schema_knows_its_settings_and_its_layers() -> None:
    schema = json_schema(PLATFORM)
    assert {"motto", "web", "name", "timeout_minutes"} <= schema["properties"].keys()
    assert list(schema["$defs"]["TimeoutMinutes"]["properties"]) == ["default", "web"]
    assert schema["$defs"]["Web"]["properties"]["servers"]["maximum"] == 9


def test_a_platform_without_settings_of_its_own_has_those_of_every_platform(shop: Path) -> None:
    bare = Platform(name="bare", layers=())
    for name, content in ENVIRONMENTS.items():
        kept = "".join(line for line in content.splitlines(keepends=True)[:3] if "w" not in line)
        (shop / f"{name}.yaml").write_text(kept if name != "common" else content)
    (shop / "live.yaml").write_text('name: live\naccount_id: "222222222222"\n')
    assert checks_of(bare).rules == ()
    assert load(shop, bare, "live").prefix == "shop-live"
    replica = replicate(shop, bare, "live", Wanted("demo", "3" * 12))
    assert replica.summary == {}
    assert replica.environment.account_id == "3" * 12


@pytest.mark.parametrize("part", ["settings", "checks"])
def test_a_part_that_cannot_be_imported_is_an_error_with_its_name(shop: Path, part: str) -> None:
    parts: dict[str, Any] = {part: "tests.settings.shop:Nothing"}
    broken = replace(PLATFORM, name="broken", **parts)
    with pytest.raises(TapgenError, match=f"^{part} of the platform broken: "):
        load(shop, broken, "live")


def test_no_other_platform_is_loaded(shop: Path) -> None:
    program = """
import json, sys
from pathlib import Path
from tapgen.settings.editing.new_environment import Wanted, replicate
from tapgen.settings.schema import schema_text
from tapgen.settings.store import load_all
from tests.settings.shop import PLATFORM
envs = Path(sys.argv[1])
loaded = [environment.name for environment in load_all(envs, PLATFORM)]
replicate(envs, PLATFORM, "live", Wanted("demo", "3" * 12))
schema_text(PLATFORM)
print(json.dumps([loaded, [name for name in sys.modules if name.startswith("tapgen.")]]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, shop.resolve()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded, modules = json.loads(done.stdout)
    assert loaded == ["test", "live"]
    rooms = {name.split(".")[1] for name in modules}
    assert rooms == {"errors", "model", "settings"}


def _boom(_: int) -> None:
    raise ValueError("ouch")


BROKEN = Checks(rules=(Rule(("web.servers",), _boom),))


def test_a_rule_that_breaks_is_named(shop: Path) -> None:
    broken = replace(PLATFORM, checks=f"{__name__}:BROKEN")
    with pytest.raises(ValueError, match="ouch") as bug:
        load(shop, broken, "test")
    assert bug.value.__notes__ == ["the rule of settings _boom"]

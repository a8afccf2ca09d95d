"""Options of a deployment: settings, the command line over them, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tapgen.deploy.target.options import Options, recorded_as, refuse_express
from tapgen.errors import RefusedError
from tapgen.payments.platform import PLATFORM
from tapgen.settings.store import load
from tests.paths import ROOT

ENVS = ROOT / "envs"
ROLE = "arn:aws:iam::123456789012:role/deployer"
TOPIC = "arn:aws:sns:us-east-1:123456789012:events"


def test_settings_and_options_make_one(tmp_path: Path) -> None:
    for name in ("common", "dev"):
        text = (ENVS / f"{name}.yaml").read_text()
        if name == "dev":
            text += f"\ndeployment:\n  notification_arn: {TOPIC}\n  rollback_alarms: true\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    dev = load(tmp_path, PLATFORM, "dev")
    options, cost = Options.of(dev), dev.settings.cost
    assert options == Options(
        notification_arns=(TOPIC,), rollback_alarms=True, monitoring_minutes=5, cost=cost
    )
    assert Options.of(load(ENVS, PLATFORM, "dev")) == Options(monitoring_minutes=5, cost=cost)
    same = options.overridden(express=False, role_arn=None, notification_arns=())
    assert same == options
    given = options.overridden(
        express=True, role_arn=ROLE, notification_arns=("other", "third"), rollout="all-at-once"
    )
    assert given == replace(
        options,
        express=True,
        role_arn=ROLE,
        notification_arns=("other", "third"),
        rollout="all-at-once",
        given=(
            "--express",
            f"--role-arn {ROLE}",
            "--notification-arn other",
            "--notification-arn third",
            "--rollout all-at-once",
        ),
    )


def test_express_mode_is_refused_where_protected() -> None:
    refuse_express([(Options(), load(ENVS, PLATFORM, "prod"))])
    refuse_express([(Options(express=True), load(ENVS, PLATFORM, "dev"))])
    with pytest.raises(
        RefusedError, match="express mode is not allowed in prod, which is protected"
    ):
        refuse_express([(Options(express=True), load(ENVS, PLATFORM, "prod"))])


def test_what_goes_without_is_repeated_with_its_reason() -> None:
    assert recorded_as("") == ()
    assert recorded_as("PAY-31") == ("--reason PAY-31",)
    assert recorded_as("the site is down", record=False, approval=False) == (
        "--no-record",
        "--no-approval",
        "--reason 'the site is down'",
    )

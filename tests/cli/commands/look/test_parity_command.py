from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tapgen.cli.views import parity as view
from tapgen.local.client import LocalAws
from tapgen.model.changes.secrets import MASK
from tapgen.payments.platform import PLATFORM
from tapgen.render.rendering import Rendered
from tapgen.review.parity.behaviour import Behaviour
from tapgen.review.parity.comparison import DRIFTED, Observed, compare
from tapgen.review.parity.recorded import Recorded, written
from tests.conftest import ENVS, aws_client
from tests.environment_files import set_apart
from tests.lab import deploy_all, opened

Found = dict[tuple[str, str], Observed]
APART = {"dev": 9, "staging": 8}
LIVE = ("parity", "--live", "--env", "staging")


class Pair(NamedTuple):
    """Two deployed environments: where they are, and the account of staging."""

    local_aws: LocalAws
    envs: Path
    staging: str

    def chosen(self, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
        """Work with them: the options that say which they are."""
        monkeypatch.chdir(self.local_aws.directory.parents[1])
        return ("--local", "--envs-dir", str(self.envs))

    def client(self, service: str) -> Any:
        """A client that looks into staging without tapgen's help."""
        return aws_client(self.local_aws, service, self.staging, "us-east-1")


@pytest.fixture
def deployed(rendered: Rendered) -> Found:
    """Every stack exactly as declared."""
    return {
        (name, stack.layer): Observed(stack.template.sha256, stack.parameters, "CREATE_COMPLETE")
        for name, stacks in rendered.stacks.items()
        for stack in stacks
    }


def rows(text: str) -> dict[str, list[str]]:
    """The lines of all tables by their first word."""
    return {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.split()}


def edit(project: Path, name: str, old: str, new: str) -> None:
    path = project / "envs" / f"{name}.yaml"
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_the_shipped_environments_are_the_same_where_they_must_be(
    project: Path, tapgen: Any, rendered: Rendered
) -> None:
    ran = tapgen("parity", "--declared")
    assert (ran.code, ran.err) == (0, "")
    found = rows(ran.out)
    digest = rendered.templates["data"].sha256[:12]
    assert found["data"] == [digest, digest, digest, "identical", "9", "may", "differ"]
    assert found["compute"][0] == "(code)"
    assert found["compute"][1:5] == [*[rendered.code.sha256[:12]] * 3, "identical"]
    assert found["MemoryMb"] == ["functions.memory_mb", "512", "1024", "3008", "compute"]
    assert found["Protection"][4:] == ["network,", "data,", "compute,", "identity,", "api,", "cdn"]
    assert ran.out.endswith(
        "\ndev, staging, prod: identical as declared, except for what may vary.\n"
    )


def test_a_behaviour_of_its_own_is_found(project: Path, tapgen: Any) -> None:
    edit(project, "staging", "  memory_mb", "  log_level: DEBUG\n  memory_mb")
    ran = tapgen("parity", "--declared", "--env", "staging", "--env", "prod")
    assert ran.code == 3
    found = rows(ran.out)
    assert found["LogLevel"] == ["functions.log_level", "DEBUG", "INFO", "compute"]
    assert "1 must not differ, 6 may differ" in ran.out
    assert ran.out.index("differ and must not") < ran.out.index("as they may")
    assert ran.out.endswith("staging, prod: NOT identical as declared. Look at compute.\n")


def test_json_has_everything_in_full(project: Path, tapgen: Any, rendered: Rendered) -> None:
    record = json.loads(tapgen("parity", "--declared", "--format", "json").out)
    assert (record["compared"], record["holds"]) == ("declared", True)
    assert record["environments"] == ["dev", "staging", "prod"]
    compute = record["layers"]["compute"]
    assert compute["environments"]["prod"] == {
        "template_sha256": rendered.templates["compute"].sha256,
        "code_key": rendered.code.key,
        "status": None,
        "drift": "NOT_CHECKED",
    }
    assert {
        "name": "MemoryMb",
        "from": "functions.memory_mb",
        "read": {},
        "may_vary": True,
        "values": {"dev": "512", "staging": "1024", "prod": "3008"},
    } in compute["parameters"]
    assert compute["not_as_declared"] == compute["not_compared"] == []


def test_markdown_begins_with_its_marker_and_the_verdict(project: Path, tapgen: Any) -> None:
    lines = tapgen("parity", "--declared", "--format", "markdown").out.splitlines()
    assert lines[:2] == [view.MARKER, "### tapgen parity"]
    assert lines[3] == "**dev, staging, prod: identical as declared, except for what may vary.**"
    assert "| layer | dev | staging | prod | hashes | parameters |" in lines
    assert "| MemoryMb | functions.memory_mb | 512 | 1024 | 3008 | compute |" in lines


def test_one_environment_alone_is_wrong_usage(project: Path, tapgen: Any) -> None:
    ran = tapgen("parity", "--declared", "--env", "prod")
    assert (ran.code, ran.out) == (2, "")
    assert "prod alone cannot be compared" in ran.err


def test_nobody_can_tell_drift_without_asking(project: Path, tapgen: Any) -> None:
    ran = tapgen("parity", "--declared", "--drift")
    assert (ran.code, ran.out) == (2, "")
    assert "Leave --declared or --drift out" in ran.err


def test_what_is_not_there_is_not_called_identical(rendered: Rendered, deployed: Found) -> None:
    deployed["staging", "data"] = Observed("", {}, "ABSENT")
    deployed["prod", "data"] = Observed("", {}, "UPDATE_IN_PROGRESS")
    deployed["prod", "zone"] = replace(deployed["prod", "zone"], template="0" * 64)
    stacks = dict(rendered.stacks)
    stacks["dev"] = tuple(stack for stack in stacks["dev"] if stack.layer != "dns")
    found = rows(view.text(compare(PLATFORM, stacks, deployed)))
    assert found["data"][1:] == ["not", "deployed", "UPDATE_IN_PROGRESS", "not", "proven", "-"]
    assert found["zone"][3] == "different"
    assert found["dns"][:2] == ["left", "out"]


def test_drift_is_listed_as_it_was_last_detected(rendered: Rendered, deployed: Found) -> None:
    deployed["prod", "data"] = replace(deployed["prod", "data"], drift=DRIFTED)
    text = view.text(compare(PLATFORM, rendered.stacks, deployed))
    drift = text.partition("Drift, as last detected")[2].splitlines()
    assert "prod         drifted      data" in drift
    assert drift[2].startswith("dev          not checked  network, data, storage, ")


def test_only_one_environment_has_a_layer(rendered: Rendered) -> None:
    stacks = {
        "dev": rendered.stacks["dev"],
        "prod": tuple(stack for stack in rendered.stacks["prod"] if stack.layer != "dns"),
    }
    found = rows(view.text(compare(PLATFORM, stacks)))
    assert found["dns"][1:] == ["left", "out", "only", "one", "-"]


def test_values_are_short_in_tables_and_secrets_are_named(
    rendered: Rendered, deployed: Found
) -> None:
    extra = {"dev": {"Extra": "a|" * 30}, "staging": {"Extra": ""}, "prod": {}}
    for name, more in extra.items():
        seen = deployed[name, "dns"]
        parameters = {**seen.parameters, "Password": MASK, **more}
        deployed[name, "dns"] = replace(seen, parameters=parameters)
    found = view.markdown(compare(PLATFORM, rendered.stacks, deployed))
    long = "a\\|" * 18 + "a..."
    assert f'| Extra | nothing declared | {long} | "" | - | dns |' in found
    assert "dns: Password cannot be compared, because secrets are not read." in found


@pytest.fixture(scope="module")
def pair(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """dev and staging, deployed."""
    envs = tmp_path_factory.mktemp("pair") / "envs"
    shutil.copytree(ENVS, envs)
    accounts = {name: set_apart(envs / f"{name}.yaml", n) for name, n in APART.items()}
    for name in accounts:
        deploy_all(opened(local_aws, envs, name))
    return Pair(local_aws, envs, accounts["staging"])


@pytest.mark.slow
def test_a_change_made_by_hand_in_staging_is_found(
    pair: Pair, tapgen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = pair.chosen(monkeypatch)
    both = ("parity", "--env", "dev", "--env", "staging", *where)

    ran = tapgen(*both)
    assert ran.code == 0, ran.out
    assert ran.out.endswith("dev, staging: identical as deployed, except for what may vary.\n")
    assert rows(ran.out)["KeyArn"][0] == "data.KeyArn"

    stack = pair.client("cloudformation")
    described = stack.describe_stacks(StackName="payments-staging-compute")["Stacks"][0]
    by_hand = {"MemoryMb": "2048", "LogLevel": "DEBUG"}
    stack.update_stack(
        StackName="payments-staging-compute",
        UsePreviousTemplate=True,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[
            {**given, "ParameterValue": by_hand.get(given["ParameterKey"], given["ParameterValue"])}
            for given in described["Parameters"]
        ],
    )
    stack.get_waiter("stack_update_complete").wait(
        StackName="payments-staging-compute", WaiterConfig={"Delay": 1}
    )
    ran = tapgen(*both, "--format", "json")
    assert ran.code == 3
    layers = json.loads(ran.out)["layers"]
    assert [name for name, layer in layers.items() if not layer["holds"]] == ["compute"]
    compute = layers["compute"]
    assert compute["same_template"]
    assert compute["same_code"]
    assert [one["name"] for one in compute["parameters"] if not one["may_vary"]] == ["LogLevel"]
    assert compute["not_as_declared"] == [
        {"environment": "staging", "what": what, "declared": was, "deployed": by_hand[what]}
        for what, was in (("LogLevel", "INFO"), ("MemoryMb", "1024"))
    ]
    ran = tapgen("parity", "--env", "staging", *where)
    assert ran.code == 3
    assert ["staging", "compute", "MemoryMb", "1024", "2048"] in map(
        str.split, ran.out.splitlines()
    )

    assert tapgen("deploy", "--env", "staging", "--yes", "--quiet", *where).code == 0
    ran = tapgen("parity", "--env", "staging", "--drift", *where)
    assert ran.code == 0
    assert "Drift, as detected now" in ran.out
    assert "deployed as declared. There is no other environment" in ran.out


@pytest.mark.slow
def test_what_a_deployed_environment_answers_otherwise_is_found_and_nothing_else(
    pair: Pair, tapgen: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A header, a status and a schema, planted in staging past the templates."""
    where = pair.chosen(monkeypatch)
    record = tmp_path / "before.json"
    ran = tapgen(*LIVE, "--env", "dev", "--write", "--record", str(record), *where)
    assert (ran.code, ran.out.splitlines()[-1]) == (
        0,
        "staging, dev: the same in 38 exchanges.",
    )
    assert ran.err == f"wrote {record}\n"
    kept = json.loads(record.read_text())["environments"]
    assert kept["dev"]["exchanges"] == kept["staging"]["exchanges"]
    secret = r"eyJ|tapgen-verify-|[0-9a-f]{8}-[0-9a-f]{4}"  # tokens, customers, ids
    assert not re.search(secret, record.read_text())

    plant_differences(pair)
    ran = tapgen(*LIVE, "--env", "dev", "--samples", "2", "--format", "json", *where)
    assert ran.code == 3
    found = json.loads(ran.out)
    assert (found["holds"], found["writes"], found["against"]) == (False, False, None)
    told = [one for one in found["differences"] if one["what"] != "header x-frame-options"]
    assert told == [
        difference("GET session without id", "body/errors", dev=None, staging="array"),
        difference("GET unknown path", "status", dev="404", staging="403"),
    ]
    framed = [one for one in found["differences"] if one not in told]
    assert {tuple(one["values"].items()) for one in framed} == {
        (("staging", "SAMEORIGIN"), ("dev", "DENY"))
    }
    # What the user pool answers is not the site's.
    asked = {name for name in found["exchanges"] if name.startswith("GET ")}
    assert {one["exchange"] for one in framed} == asked

    ran = tapgen(*LIVE, "--against", str(record), *where)
    assert ran.code == 3
    lines = [line.split() for line in ran.out.splitlines()]
    assert ["status", "403", "404", "GET", "unknown", "path"] in lines
    assert ran.out.endswith(
        "staging, staging (recorded): NOT the same: 3 differences, in 12 exchanges.\n"
    )


@pytest.mark.slow
def test_a_comparison_of_nothing_is_no_proof(
    pair: Pair, tapgen: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    where = pair.chosen(monkeypatch)
    record = tmp_path / "empty.json"
    record.write_text(written(Recorded("payments", False, {"staging": Behaviour({})})))
    for options in ((), ("--write",)):
        ran = tapgen(*LIVE, "--samples", "2", "--against", str(record), *options, *where)
        assert (ran.code, ran.out) == (1, "")
        assert "error: nothing was compared: no exchange took place in all environments" in ran.err
        assert "The platform declares the exchanges in its live checks." in ran.err
        assert ("`tapgen parity --live --env staging --write " in ran.err) is (not options)


def difference(exchange: str, what: str, **values: str | None) -> dict[str, Any]:
    return {"exchange": exchange, "what": what, "values": values, "may_differ": False, "why": None}


def plant_differences(pair: Pair) -> None:
    api = pair.client("apigateway")
    (rest,) = api.get_rest_apis()["items"]

    def answer(kind: str, status: str, **more: Any) -> None:
        found = api.get_gateway_response(restApiId=rest["id"], responseType=kind)
        body = json.loads(found["responseTemplates"]["application/json"])
        api.put_gateway_response(
            restApiId=rest["id"],
            responseType=kind,
            statusCode=status,
            responseParameters=found["responseParameters"],
            responseTemplates={"application/json": json.dumps({**body, **more})},
        )

    answer("MISSING_AUTHENTICATION_TOKEN", "403")
    answer("BAD_REQUEST_PARAMETERS", "400", errors=[])
    (stage,) = api.get_stages(restApiId=rest["id"])["item"]
    api.create_deployment(restApiId=rest["id"], stageName=stage["stageName"])

    cdn = pair.client("cloudfront")
    (policy,) = cdn.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"][
        "Items"
    ]
    found = cdn.get_response_headers_policy(Id=policy["ResponseHeadersPolicy"]["Id"])
    changed = found["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]
    changed["SecurityHeadersConfig"]["FrameOptions"]["FrameOption"] = "SAMEORIGIN"
    cdn.update_response_headers_policy(
        Id=policy["ResponseHeadersPolicy"]["Id"],
        IfMatch=found["ETag"],
        ResponseHeadersPolicyConfig=changed,
    )


@pytest.mark.slow
def test_each_environment_is_read_with_its_own_profile(
    project: Path,
    local_aws: LocalAws,
    tapgen: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`{env}` in a profile's name; a wrong account is refused by name."""
    credentials = project / "credentials"
    credentials.write_text(
        "[payments-dev]\naws_access_key_id = 111111111111\naws_secret_access_key = x\n"
        "[payments-prod]\naws_access_key_id = 222222222222\naws_secret_access_key = x\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws.endpoint_url)
    ran = tapgen("parity", "--env", "dev", "--env", "prod", "--profile", "payments-{env}")
    assert ran.code == 4
    assert "belong to account 222222222222, but the environment is in 333333333333" in ran.err


@pytest.mark.parametrize(
    ("options", "why", "next_step"),
    [
        (
            ("--live", "--declared"),
            "--live cannot be used with --declared",
            "Leave out --live or --declared.",
        ),
        (
            ("--write", "--samples", "3"),
            "--write, --samples can only be used with --live",
            "Add --live.",
        ),
        (("--live", "--env", "dev"), "dev alone cannot be compared", "--record FILE"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(
    project: Path, tapgen: Any, options: tuple[str, ...], why: str, next_step: str
) -> None:
    ran = tapgen("parity", *options)
    assert (ran.code, ran.out) == (2, "")
    assert why in ran.err
    assert next_step in ran.err

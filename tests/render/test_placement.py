from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tapgen.errors import TapgenError
from tapgen.model.layer import Layer, OutputRef
from tapgen.model.platform import Platform
from tapgen.model.stack import ENGINE_TAGS, Stack
from tapgen.model.templates.template import Template
from tapgen.payments.platform import PLATFORM
from tapgen.render.code.function_package import Code
from tapgen.render.placement import enabled_layers, stacks_of
from tapgen.settings.base import Elsewhere, SecretReference
from tapgen.settings.environment import Environment
from tapgen.settings.store import load
from tests.paths import ROOT

ALLOW = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}


@pytest.fixture
def without_domain(tmp_path: Path) -> Environment:
    """The environment `dev`, served on CloudFront's own name."""
    for name in ("common", "dev"):
        lines = (ROOT / "envs" / f"{name}.yaml").read_text().splitlines(keepends=True)
        text = "".join(line for line in lines if not line.startswith("domain:"))
        (tmp_path / f"{name}.yaml").write_text(text)
    return load(tmp_path, PLATFORM, "dev")


def of(*layers: Layer, **parts: Any) -> Platform:
    """A platform of these layers."""
    return Platform(name="small", layers=layers, **parts)


def prod(rendered: Any, layer: str) -> Stack:
    stacks: dict[str, Stack] = {stack.layer: stack for stack in rendered.stacks["prod"]}
    return stacks[layer]


def test_a_stack_says_what_it_is_sized_by(rendered: Any) -> None:
    stack = prod(rendered, "data")
    assert (stack.name, stack.account_id, stack.region) == (
        "payments-prod-data",
        "333333333333",
        "us-east-1",
    )
    assert stack.parameters["ReadCapacity"] == "100"
    assert stack.parameters["PointInTimeRecovery"] == "true"
    assert stack.tags == {
        "CostCenter": "PROD-001",
        "Environment": "prod",
        "Layer": "data",
        "ManagedBy": "tapgen",
        "Project": "payments",
    }


def test_a_platform_adds_its_tags_and_examples_to_the_engines(
    make_template: Any, without_domain: Environment
) -> None:
    plain, tagged = Layer("a", ""), {"Region": "region"}
    templates = {"a": make_template("a")}
    (stack,) = stacks_of(of(plain), without_domain, templates, Code(()))
    assert tuple(sorted(stack.tags)) == ENGINE_TAGS
    platform = of(plain, tags=tagged, examples={"Name": "a-name"})
    (other,) = stacks_of(platform, without_domain, templates, Code(()))
    assert other.tags == {**stack.tags, "Region": "us-east-1"}
    assert (stack.examples, other.examples) == ({}, {"Name": "a-name"})


def test_no_tag_is_read_from_elsewhere(make_template: Any, without_domain: Environment) -> None:
    settings = without_domain.settings
    alarms = replace(settings.alarms, email=Elsewhere(ssm="/shared/mail"))  # type: ignore[attr-defined]
    reading = Environment(replace(settings, alarms=alarms), PLATFORM)
    platform = of(Layer("a", ""), tags={"Owner": "alarms.email"})
    with pytest.raises(TapgenError, match=r"the tag Owner is filled from alarms\.email"):
        stacks_of(platform, reading, {"a": make_template("a")}, Code(()))


def test_dependencies_are_the_layers_whose_outputs_are_taken(rendered: Any) -> None:
    assert prod(rendered, "compute").dependencies == {"network", "data", "storage"}
    assert prod(rendered, "network").dependencies == frozenset()


def test_every_layer_has_a_deadline_and_the_certificate_its_own(rendered: Any) -> None:
    deadlines = {stack.layer: stack.deadline_minutes for stack in rendered.stacks["prod"]}
    assert deadlines.pop("certificate") == 45
    assert set(deadlines.values()) == {60}


def test_a_layer_may_have_a_deadline_of_its_own(rendered: Any) -> None:
    prod = load(ROOT / "envs", PLATFORM, "prod")
    timeouts = replace(prod.settings.timeout_minutes, default=30, cdn=90)
    slow = Environment(replace(prod.settings, timeout_minutes=timeouts), PLATFORM)
    stacks = stacks_of(PLATFORM, slow, rendered.templates, rendered.code)
    deadlines = {stack.layer: stack.deadline_minutes for stack in stacks}
    assert (deadlines["cdn"], deadlines["network"], deadlines["certificate"]) == (90, 30, 45)


def test_the_function_code_goes_in_by_its_key(rendered: Any) -> None:
    stack = prod(rendered, "compute")
    assert stack.code_parameter == "CodeKey"
    assert stack.parameters["CodeKey"] == rendered.code.key
    assert prod(rendered, "network").code_parameter is None


def test_what_is_pinned_to_a_region_is_there_wherever_the_environment_is(
    make_template: Any, without_domain: Environment
) -> None:
    platform = of(Layer("a", "", region="eu-central-1"), Layer("b", ""))
    templates = {name: make_template(name) for name in "ab"}
    stacks = stacks_of(platform, without_domain, templates, Code(()))
    assert [stack.region for stack in stacks] == ["eu-central-1", without_domain.region]


def test_an_environment_without_a_domain_leaves_its_layers_out(
    rendered: Any, without_domain: Environment
) -> None:
    there = {layer.name for layer in enabled_layers(PLATFORM, without_domain)}
    left = {layer.name for layer in PLATFORM.layers} - there
    assert left == {"zone", "certificate", "dns"}
    stacks = stacks_of(PLATFORM, without_domain, rendered.templates, rendered.code)
    cdn = next(stack for stack in stacks if stack.layer == "cdn")
    assert "CertificateArn" not in cdn.inputs  # optional: the parameter's default stands
    assert "certificate" in prod(rendered, "cdn").dependencies


def test_an_input_that_is_not_optional_stays_even_without_its_layer(
    make_template: Any, without_domain: Environment
) -> None:
    layer = Layer("a", "", inputs={"ZoneId": OutputRef("zone", "ZoneId")})
    (stack,) = stacks_of(of(layer), without_domain, {"a": make_template("a")}, Code(()))
    assert stack.dependencies == {"zone"}  # the graph then says that it is left out


def test_a_setting_that_does_not_exist_is_an_error(
    make_template: Any, without_domain: Environment
) -> None:
    template = make_template("a", Settings={"Size": "data.read_capacty"})
    with pytest.raises(TapgenError, match=r"data\.read_capacty"):
        stacks_of(of(Layer("a", "")), without_domain, {"a": template}, Code(()))


def test_protected_data_is_never_replaced_nor_removed(make_stack: Any) -> None:
    assert make_stack(protected=True).policy() == {
        "Statement": [
            ALLOW,
            {
                "Effect": "Deny",
                "Action": ["Update:Replace", "Update:Delete"],
                "Principal": "*",
                "Resource": ["LogicalResourceId/Table"],
            },
        ]
    }


def test_everything_else_may_be_updated(make_stack: Any, make_template: Any) -> None:
    assert make_stack().policy() == {"Statement": [ALLOW]}
    no_data = make_stack(protected=True, template=make_template(Topic="AWS::SNS::Topic"))
    assert no_data.policy() == {"Statement": [ALLOW]}


def test_stack_policies_fit_the_quota(rendered: Any) -> None:
    for stacks in rendered.stacks.values():
        for stack in stacks:
            assert len(json.dumps(stack.policy()).encode()) <= 16_384  # CloudFormation quota


def test_the_stack_file_tells_everything_and_names_the_template_by_its_hash(
    make_stack: Any,
) -> None:
    stack = make_stack(
        protected=True,
        parameters={"Size": "5"},
        inputs={"KeyArn": OutputRef("data", "KeyArn")},
        tags={"Layer": "data"},
    )
    text = stack.to_json()
    assert text.endswith("}\n")
    assert json.loads(text) == {
        "StackName": "payments-dev-data",
        "Environment": "dev",
        "Layer": "data",
        "Account": "111111111111",
        "Region": "eu-west-1",
        "Template": "data.json",
        "TemplateSha256": stack.template.sha256,
        "Parameters": {"Size": "5"},
        "Inputs": {"KeyArn": "data.KeyArn"},
        "Tags": {"Layer": "data"},
        "StackPolicy": stack.policy(),
        "TerminationProtection": True,
    }


def test_all_parameters_that_no_setting_fills_are_told(without_domain: Environment) -> None:
    def template(name: str, **settings: str) -> Template:
        notes = {"tapgen": {"Layer": name, "Settings": settings}}
        return Template(name, json.dumps({"Metadata": notes, "Resources": {}}))

    platform = of(Layer("a", ""), Layer("b", ""))
    templates = {
        "a": template("a", Prefix="prefx", Name="name"),
        "b": template("b", Zzz="zzz.zzz", Settled="stack.settled"),
    }
    with pytest.raises(TapgenError) as caught:
        stacks_of(platform, without_domain, templates, Code(()))
    assert caught.value.message.splitlines() == [
        'layer a: Prefix: there is no setting "prefx"; did you mean prefix?',
        'layer b: Zzz: there is no setting "zzz.zzz"; `tapgen env schema` describes every setting',
    ]
    assert "for a template file in the registry of layers" in caught.value.hint


def test_a_parameter_that_takes_a_secret_has_the_reference_to_it(
    make_template: Any, without_domain: Environment
) -> None:
    settings = without_domain.settings
    alarms = replace(settings.alarms, email=SecretReference("mail", key="team"))  # type: ignore[attr-defined]
    notes = {"tapgen": {"Layer": "a", "Settings": {"Mail": "alarms.email"}}}
    template = Template("a", json.dumps({"Metadata": notes, "Resources": {}}))
    environment = Environment(replace(settings, alarms=alarms), PLATFORM)
    (stack,) = stacks_of(of(Layer("a", "")), environment, {"a": template}, Code(()))
    assert stack.parameters["Mail"] == SecretReference("mail", key="team").locator

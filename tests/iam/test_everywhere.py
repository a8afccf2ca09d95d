"""Policies with parameters in them: the same for every environment, and right for each."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.iam import policies
from tapgen.iam.everywhere import RECORD_NAMES, SERVICE_ROLE, Everywhere, everywhere
from tapgen.iam.policies import CHARACTERS, Policy, Roles
from tapgen.payments.platform import PLATFORM

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tapgen.render.rendering import Rendered

ENVIRONMENTS = ("dev", "staging", "prod")
TASKS = ("review", "deploy", "service", "purge")
BUILDERS = {
    "review": policies.reviewer,
    "deploy": policies.deployer,
    "service": policies.service_role,
    "purge": policies.purger,
}


@pytest.fixture(scope="module")
def made(rendered: Rendered) -> Everywhere:
    return everywhere(PLATFORM, rendered.stacks)


def filled(value: Any, parameters: dict[str, Any]) -> Any:
    """The document with the values of parameters put in, as CloudFormation does."""
    if isinstance(value, list):
        return [filled(part, parameters) for part in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Ref"}:
        return parameters[value["Ref"]]
    if value.keys() == {"Fn::Sub"}:
        text = re.sub(r"\$\{([^!}]+)\}", lambda name: parameters[name[1]], value["Fn::Sub"])
        return text.replace("${!", "${")
    return {key: filled(part, parameters) for key, part in value.items()}


def parameters_of(stacks: tuple[Stack, ...]) -> dict[str, Any]:
    first = stacks[0]
    domain = next(one.parameters["DomainName"] for one in stacks if one.layer == "zone")
    return {
        "AWS::AccountId": first.account_id,
        "AWS::Partition": "aws",
        "AWS::Region": first.region,
        "BoundaryName": "bound",
        "EnvironmentName": first.environment,
        "Prefix": first.prefix,
        "Project": first.tags["Project"],
        RECORD_NAMES: [domain, f"*.{domain}"],
    }


def grants(documents: Any) -> set[tuple[str, str, str]]:
    """(action, resource, condition) of every statement."""
    return {
        (action, resource, json.dumps(statement.get("Condition", {}), sort_keys=True))
        for document in documents
        for statement in document["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


def regional(found: set[tuple[str, str, str]]) -> set[tuple[str, str]]:
    """Without conditions: those list the regions and actions of all environments."""
    return {(action, resource) for action, resource, _ in found}


@pytest.mark.parametrize("name", ENVIRONMENTS)
@pytest.mark.parametrize("task", TASKS)
def test_it_allows_whatever_the_environments_own_policies_allow(
    rendered: Rendered, made: Everywhere, task: str, name: str
) -> None:
    stacks = tuple(replace(stack, protected=True) for stack in rendered.stacks[name])
    values = parameters_of(stacks)
    role = SERVICE_ROLE.format(values["AWS::AccountId"], values["Prefix"])
    own = BUILDERS[task](PLATFORM, stacks, Roles("bound", role))
    everybodys = [filled(document, values) for document in getattr(made, task)]
    lacking = regional(grants(one.document for one in own)) - regional(grants(everybodys))
    assert not lacking


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_no_more_than_some_environment_has(rendered: Rendered, made: Everywhere, name: str) -> None:
    values = parameters_of(rendered.stacks[name])
    somebodys = {
        action
        for stacks in rendered.stacks.values()
        for policy in policies.service_role(PLATFORM, stacks, Roles("bound"))
        for action, _, _ in grants([policy.document])
    }
    found = grants(filled(document, values) for document in made.service)
    # The settings of these environments name no boundary; the baseline has one.
    assert {action for action, _, _ in found} - somebodys == {"iam:PutRolePermissionsBoundary"}


def test_nothing_of_an_environment_is_left_in_them(rendered: Rendered, made: Everywhere) -> None:
    text = json.dumps([getattr(made, task) for task in TASKS] + [made.boundary])
    own = {
        word
        for stacks in rendered.stacks.values()
        for word in (stacks[0].account_id, stacks[0].prefix, f'"{stacks[0].environment}"')
    }
    assert not [word for word in own if word in text]
    assert "zz" not in text
    assert made.with_records


def test_they_do_not_depend_on_the_order_or_the_size_of_environments(
    rendered: Rendered, made: Everywhere
) -> None:
    names = list(reversed(ENVIRONMENTS))
    resized = {
        name: tuple(
            replace(one, parameters={**one.parameters, "ReadCapacity": "77"})
            if "ReadCapacity" in one.parameters
            else one
            for one in rendered.stacks[name]
        )
        for name in names
    }
    assert everywhere(PLATFORM, resized) == made


@pytest.mark.parametrize("task", TASKS)
def test_each_fits_whatever_the_values_are(made: Everywhere, task: str) -> None:
    longest = {
        "AWS::AccountId": "1" * 12,
        "AWS::Partition": "aws",
        "AWS::Region": "ap-northeast-1",
        "BoundaryName": "b" * 128,
        "EnvironmentName": "e" * 12,
        "Prefix": "p" * 23,
        "Project": "j" * 12,
        RECORD_NAMES: ["d" * 253, f"*.{'d' * 253}"],
    }
    sizes = [Policy("", filled(document, longest)).size for document in getattr(made, task)]
    assert sizes
    assert max(sizes) <= CHARACTERS


def test_a_variable_of_iams_stays_one(rendered: Rendered) -> None:
    from tapgen.iam.everywhere import _text

    assert _text("arn:aws:s3:::zz-prefixzzzzzzzzzzzzzz-a/${aws:username}") == {
        "Fn::Sub": "arn:${AWS::Partition}:s3:::${Prefix}-a/${!aws:username}"
    }
    assert _text("arn:aws:s3:::plain") == "arn:aws:s3:::plain"

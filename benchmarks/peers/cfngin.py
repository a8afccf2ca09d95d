"""A CFNgin project: a module with a config per environment, a blueprint per layer.

CFNgin (part of Runway) has no command that renders without AWS, so a script does what its deploy
action does up to the first call: it loads the config, resolves the variables, and renders the
blueprints, which `dump` writes. Placeholders replace the outputs of other stacks, for which CFNgin
would call AWS. Runway's own command deploys. Templates are sent in requests, so there is no bucket.
"""

from __future__ import annotations

from typing import Any, Final

import yaml

from benchmarks.peers.platform import Platform, Stack
from benchmarks.source import PARTS, Source

_TYPES: Final = {
    "String": "CFNString",
    "Number": "CFNNumber",
    "List<AWS::EC2::Subnet::Id>": "EC2SubnetIdList",
}
# CFNgin's names for the properties of a parameter.
_PROPERTIES: Final = {
    "AllowedPattern": "allowed_pattern",
    "AllowedValues": "allowed_values",
    "Default": "default",
    "Description": "description",
    "MaxValue": "max_value",
    "MinValue": "min_value",
}
_BLUEPRINT: Final = """\
{imports}
from runway.cfngin.blueprints.base import Blueprint
from runway.cfngin.blueprints.variables.types import {types}

{classes}
class {name}(Blueprint):
    VARIABLES = {{
        {variables}
    }}

    def create_template(self):
        template = self.template
        {calls}
"""
_RENDER: Final = '''\
"""Render every stack of every environment into out/."""

from contextlib import chdir
from pathlib import Path

from runway.cfngin.actions.deploy import Action
from runway.cfngin.cfngin import CFNgin
from runway.cfngin.providers.aws.default import ProviderBuilder
from runway.context import RunwayContext
from runway.core.components import DeployEnvironment
from runway.utils import SafeHaven


class Words(dict):
    """Any output there may be."""

    def __missing__(self, name):
        return f"output-{name}"


here = Path(__file__).parent
for module in sorted(here.glob("*.cfn")):
    environment = DeployEnvironment(explicit_name=module.stem, root_dir=here)
    environment.aws_region = "us-east-1"
    engine = CFNgin(RunwayContext(deploy_environment=environment), sys_path=here)
    kept = ["awacs", "blueprints", "troposphere"]
    with chdir(module), SafeHaven(sys_modules_exclude=kept):
        context = engine.load(module / "stacks.yaml")
        for stack in context.stacks:
            stack.set_outputs(Words())
        provider = ProviderBuilder(region=environment.aws_region)
        Action(context, provider_builder=provider).run(dump=str(here / "out"))
'''


def files(platform: Platform) -> dict[str, str]:
    """Texts by path."""
    project = {
        "render.py": _RENDER,
        "runway.yml": yaml.safe_dump(_runway(platform)),
        "blueprints/__init__.py": "",
    }
    for layer, template in platform.templates.items():
        project[f"blueprints/{layer}.py"] = _blueprint(layer, template)
    for environment, stacks in platform.environments.items():
        config = {
            "namespace": stacks[0].name.removesuffix(f"-{stacks[0].layer}"),
            "cfngin_bucket": "",
            "tags": {},  # only those of the stack itself
            "sys_path": "../",
            "template_indent": 0,  # with the default indent of four, most are too large
            "stacks": [_stack(stack, platform.templates[stack.layer]) for stack in stacks],
        }
        project[f"{environment}.cfn/stacks.yaml"] = yaml.safe_dump(config)
    return project


def _runway(platform: Platform) -> dict[str, Any]:
    """One region, which is that of every stack, and the module of the requested environment."""
    (region,) = {stack.region for stack in platform.stacks}
    module = {
        "path": "${env DEPLOY_ENVIRONMENT}.cfn",
        "environments": dict.fromkeys(platform.environments, True),
    }
    return {"deployments": [{"modules": [module], "regions": [region]}]}


def _blueprint(layer: str, template: Any) -> str:
    source = Source()
    calls = source.calls(template, tuple(part for part in PARTS if part != "parameter"))
    types = {_TYPES[one.properties["Type"]] for one in template.parameters.values()}
    return _BLUEPRINT.format(
        name=layer.capitalize(),
        imports="\n".join(source.imports),
        classes="\n".join(source.classes),
        types=", ".join(sorted(types)),
        variables="\n        ".join(
            f"{name!r}: {_variable(one)}," for name, one in template.parameters.items()
        ),
        calls="\n        ".join(calls),
    )


def _variable(parameter: Any) -> str:
    properties = dict(parameter.properties)
    inside = [f"'type': {_TYPES[properties.pop('Type')]}"]
    inside += [f"{_PROPERTIES[name]!r}: {value!r}" for name, value in properties.items()]
    return f"{{{', '.join(inside)}}}"


def _stack(stack: Stack, template: Any) -> dict[str, Any]:
    kinds = {name: one.properties["Type"] for name, one in template.parameters.items()}
    values = {name: _value(kinds[name], value) for name, value in stack.parameters.items()}
    for name, (layer, output) in stack.inputs.items():
        values[name] = f"${{output {layer}.{output}}}"
    return {
        "name": stack.layer,
        "class_path": f"blueprints.{stack.layer}.{stack.layer.capitalize()}",
        "termination_protection": stack.protected,
        "variables": values,
        "tags": dict(stack.tags),
    }


def _value(kind: str, value: str) -> str | int:
    """A value of the right type: CFNgin checks that a number is one."""
    return int(value) if kind == "Number" else value

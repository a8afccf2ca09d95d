"""A Sceptre project: a config per stack, a troposphere template per layer.

Parameters from other stacks are `!stack_output`, as Sceptre's users write it. Sceptre looks for the
stack that the config's path names, so stacks do not set `stack_name`: project code, folder and file
result in the name that tapgen uses. Its command for templates loads those of all environments in
threads. As they share their Python files, it fails now and then (`SourceFileLoader.load_module` is
not thread-safe). A script therefore makes the same calls as the command, one environment after the
other.
"""

from __future__ import annotations

from typing import Any, Final

import yaml

from benchmarks.peers.platform import Platform, Stack
from benchmarks.source import Source

_HANDLER: Final = """\
{imports}

{classes}
def sceptre_handler(sceptre_user_data):
    template = troposphere.Template()
    {calls}
    return template.to_json()
"""
_RENDER: Final = '''\
"""Write every template of every environment into out/, as `sceptre dump template` does."""

from pathlib import Path

from sceptre.context import SceptreContext
from sceptre.plan.plan import SceptrePlan
from sceptre.resolvers.placeholders import use_resolver_placeholders_on_error

here = Path(__file__).parent
(here / "out").mkdir(exist_ok=True)
for group in sorted(path for path in (here / "config").iterdir() if path.is_dir()):
    context = SceptreContext(project_path=str(here), command_path=group.name)
    plan = SceptrePlan(context)
    with use_resolver_placeholders_on_error():
        templates = plan.dump_template()
    for stack, text in templates.items():
        # Sceptre takes it for YAML.
        (here / "out" / f"{stack.external_name}.json").write_text(text.removeprefix("---\\n"))
'''


class _Output(str):
    """An output of another stack, `<config>::<output>`."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """YAML with Sceptre's tag."""


_Dumper.add_representer(
    _Output, lambda dumper, value: dumper.represent_scalar("!stack_output", str(value))
)


def files(platform: Platform) -> dict[str, str]:
    """Texts by path."""
    project = {
        "render.py": _RENDER,
        "config/config.yaml": _yaml({"project_code": _code(platform), "region": "us-east-1"}),
    }
    for layer, template in platform.templates.items():
        source = Source()
        calls = "\n    ".join(source.calls(template))
        project[f"templates/{layer}.py"] = _HANDLER.format(
            imports="\n".join(source.imports), classes="\n".join(source.classes), calls=calls
        )
    for environment, stacks in platform.environments.items():
        group = {"region": stacks[0].region}
        project[f"config/{environment}/config.yaml"] = _yaml(group)
        for stack in stacks:
            project[f"config/{_config(environment, stack.layer)}"] = _yaml(_stack(stack))
    return project


def _code(platform: Platform) -> str:
    """The prefix of every stack's name, before its environment and layer."""
    (code,) = {
        stack.name.removesuffix(f"-{stack.environment}-{stack.layer}") for stack in platform.stacks
    }
    return code


def _stack(stack: Stack) -> dict[str, Any]:
    inputs = {
        name: _Output(f"{_config(stack.environment, layer)}::{output}")
        for name, (layer, output) in stack.inputs.items()
    }
    return {
        "template": {"type": "file", "path": f"{stack.layer}.py"},
        "protect": stack.protected,
        "parameters": {**stack.parameters, **inputs},
        "stack_tags": dict(stack.tags),
    }


def _config(environment: str, layer: str) -> str:
    return f"{environment}/{layer}.yaml"


def _yaml(value: object) -> str:
    return yaml.dump(value, Dumper=_Dumper)

"""A CDK app in JavaScript: a class per layer, a stack per layer and environment.

The templates are included with `CfnInclude`, the CDK's own way to use existing templates. It makes
the typed (L1) construct of each resource, and needs the schema of a model as an object. Settings
are the values of the template's parameters. An output of another stack is a reference, from which
the CDK creates an export and an import. If a condition uses it, it stays a parameter, because
CloudFormation allows no import there.
"""

from __future__ import annotations

import json
from typing import Any, Final

from benchmarks.peers.platform import Platform, Stack

# Disables what the CDK does besides rendering: usage reports, notices, its own metadata resource.
_SETTINGS: Final = {
    "app": "node app.js",
    "context": {"cli-telemetry": False},
    "notices": False,
    "versionReporting": False,
}
_LAYER: Final = """\
const path = require("node:path");
const { Stack } = require("aws-cdk-lib");
const { CfnInclude } = require("aws-cdk-lib/cloudformation-include");

class %(name)sStack extends Stack {
  constructor(scope, id, { parameters, ...props }) {
    super(scope, id, props);
    this.layer = new CfnInclude(this, "Layer", {
      templateFile: path.join(__dirname, "..", "templates", "%(layer)s.json"),
      parameters,
    });
  }

  output(name) {
    return this.layer.getOutput(name).value;
  }
}

module.exports = { %(name)sStack };
"""
_APP: Final = """\
const { App } = require("aws-cdk-lib");
const environments = require("./environments.json");
%(imports)s

const LAYERS = { %(layers)s };
const app = new App();
const chosen = app.node.tryGetContext("environment");
for (const stacks of chosen ? [environments[chosen]] : Object.values(environments)) {
  const made = {};
  for (const { layer, name, parameters, inputs, ...props } of stacks) {
    const given = Object.entries(inputs).map(
      ([parameter, [from, output]]) => [parameter, made[from].output(output)],
    );
    made[layer] = new LAYERS[layer](app, name, {
      ...props,
      parameters: { ...parameters, ...Object.fromEntries(given) },
    });
  }
}
app.synth();
"""


def files(platform: Platform) -> dict[str, str]:
    """Texts by path."""
    layers = list(platform.templates)
    names = {layer: f"{layer.capitalize()}Stack" for layer in layers}
    project = {
        "cdk.json": _json(_SETTINGS),
        "app.js": _APP
        % {
            "imports": "\n".join(
                f'const {{ {name} }} = require("./layers/{layer}");'
                for layer, name in names.items()
            ),
            "layers": ", ".join(f"{layer}: {name}" for layer, name in names.items()),
        },
        "environments.json": _json(
            {
                environment: [_stack(stack, platform.texts[stack.layer]) for stack in stacks]
                for environment, stacks in platform.environments.items()
            }
        ),
    }
    for layer, text in platform.texts.items():
        project[f"layers/{layer}.js"] = _LAYER % {"name": layer.capitalize(), "layer": layer}
        project[f"templates/{layer}.json"] = _json(_template(text))
    return project


def _template(text: str) -> dict[str, Any]:
    template: dict[str, Any] = json.loads(text)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::ApiGateway::Model":
            resource["Properties"]["Schema"] = json.loads(resource["Properties"]["Schema"])
    return template


def _stack(stack: Stack, text: str) -> dict[str, Any]:
    conditions = json.dumps(json.loads(text).get("Conditions"))
    return {
        "layer": stack.layer,
        "name": stack.name,
        "env": {"account": stack.account, "region": stack.region},
        "parameters": dict(stack.parameters),
        "inputs": {
            parameter: source
            for parameter, source in stack.inputs.items()
            if json.dumps({"Ref": parameter}) not in conditions
        },
        "tags": dict(stack.tags),
        "terminationProtection": stack.protected,
    }


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"

"""Templates, and a script that calls the AWS CLI for each stack, in parallel by dependency.

The CLI handles one stack at a time, so the script has to know which outputs are read from which
stack. Each stack takes `aws cloudformation deploy` and, if others read it, `describe-stacks` for
its outputs.
"""

from __future__ import annotations

import json
from typing import Any, Final

from benchmarks.peers.platform import Platform, Stack

_DEPLOY: Final = '''\
"""`python deploy.py ENVIRONMENT`: deploy each stack as soon as those that it reads are there."""

import json
import subprocess
import sys
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from pathlib import Path

here = Path(__file__).parent
stacks = json.loads((here / f"{sys.argv[1]}.json").read_text())
reads = {layer: {other for other, _ in stack["inputs"].values()} for layer, stack in stacks.items()}
outputs = {}


def cloudformation(layer, command, *arguments):
    stack = stacks[layer]
    aws = (Path(sys.executable).with_name("aws"), "--region", stack["region"], "cloudformation")
    name = ("--stack-name", stack["name"])
    return subprocess.run(
        [*aws, command, *name, *arguments], cwd=here, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def pairs(values):
    return [f"{key}={value}" for key, value in values.items()]


def deploy(layer):
    stack = stacks[layer]
    given = {name: outputs[other][output] for name, (other, output) in stack["inputs"].items()}
    cloudformation(
        layer,
        "deploy",
        *("--template-file", f"templates/{layer}.json"),
        *("--capabilities", "CAPABILITY_NAMED_IAM"),
        "--no-fail-on-empty-changeset",
        *("--parameter-overrides", *pairs({**stack["parameters"], **given})),
        *("--tags", *pairs(stack["tags"])),
    )
    if any(layer in others for others in reads.values()):
        found = json.loads(cloudformation(layer, "describe-stacks", "--output", "json"))
        described = found["Stacks"][0]["Outputs"]
        outputs[layer] = {one["OutputKey"]: one["OutputValue"] for one in described}
    return layer


order = TopologicalSorter(reads)
order.prepare()
running = set()
with ThreadPoolExecutor(len(stacks)) as pool:
    while order.is_active():
        running |= {pool.submit(deploy, layer) for layer in order.get_ready()}
        ended, running = wait(running, return_when=FIRST_COMPLETED)
        order.done(*(one.result() for one in ended))
'''


def files(platform: Platform) -> dict[str, str]:
    """Texts by path."""
    project = {"deploy.py": _DEPLOY}
    for layer, text in platform.texts.items():
        project[f"templates/{layer}.json"] = text
    for environment, stacks in platform.environments.items():
        described = {stack.layer: _stack(stack) for stack in stacks}
        project[f"{environment}.json"] = json.dumps(described, indent=2) + "\n"
    return project


def _stack(stack: Stack) -> dict[str, Any]:
    return {
        "name": stack.name,
        "region": stack.region,
        "parameters": dict(stack.parameters),
        "inputs": dict(stack.inputs),
        "tags": dict(stack.tags),
    }

"""The promise of `tapgen diff`, on a clone of this project's own history, without credentials."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.paths import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a working tree of git"),
]

Diff = Callable[..., dict[str, Any]]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The newest commit as the main branch, and a branch on which something is being changed."""
    folder = tmp_path / "clone"
    git = ("git", "-c", "advice.detachedHead=false")
    subprocess.run([*git, "clone", "-q", "--depth", "1", ROOT.as_uri(), folder], check=True)
    steps = (
        ("remote", "remove", "origin"),  # its main branch would be taken before the clone's
        ("checkout", "-q", "-B", "main"),
        ("checkout", "-q", "-b", "change"),
    )
    for step in steps:
        subprocess.run([*git, *step], cwd=folder, check=True)
    return folder


@pytest.fixture
def diff(clone: Path) -> Diff:
    """`diff("prod")` is what the clone's own tapgen predicts, by `layer.LogicalId`."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "COV", "PYTHONPATH"))
    }

    def run(*options: str) -> dict[str, Any]:
        ran = subprocess.run(
            [sys.executable, "-m", "tapgen", "diff", "--format", "json", *options],
            cwd=clone,
            env={**environment, "AWS_EC2_METADATA_DISABLED": "true"},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert ran.returncode == 0, ran.stderr
        found: dict[str, Any] = json.loads(ran.stdout)
        assert found["against"].endswith("(merge base with main)")
        return {
            name: {
                "refactors": one["refactors"],
                **{
                    f"{stack['layer']}.{change['logical_id']}": change
                    for stack in one["stacks"]
                    for change in stack["resources"]
                },
            }
            for name, one in found["environments"].items()
        }

    return run


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_another_key_name_is_replacement_with_data_loss_and_refused_where_protected(
    clone: Path, diff: Diff
) -> None:
    edit(clone / "tapgen/payments/layers/data.py", '"transactionId"', '"paymentId"')
    found = diff("--all")
    refused = {
        name: (
            changes["data.TransactionsTable"]["effect"],
            changes["data.TransactionsTable"]["refused"],
        )
        for name, changes in found.items()
    }
    assert refused == {
        "dev": ("replacement-data-loss", False),
        "staging": ("replacement-data-loss", True),
        "prod": ("replacement-data-loss", True),
    }


def test_memory_changes_in_place(clone: Path, diff: Diff) -> None:
    edit(clone / "envs/staging.yaml", "memory_mb: 1024", "memory_mb: 2048")
    staging = diff("--env", "staging")["staging"]
    function = staging["compute.PaymentProcessorFunction"]
    assert (function["effect"], function["refused"]) == ("in-place", False)
    assert [cause["name"] for cause in function["properties"][0]["causes"]] == [
        "functions.memory_mb"
    ]


def test_a_table_in_another_layer_is_a_refactor(clone: Path, diff: Diff) -> None:
    layers = clone / "tapgen/payments/layers"
    line = '    tables.add("Idempotency", key={"id": "S"}, expires_at="expiration")\n'
    edit(layers / "data.py", line, "")
    edit(
        layers / "storage.py",
        "    _give_outputs(blueprint)\n    return",
        f"    tables = _Tables(blueprint, key_arn)\n{line}    _give_outputs(blueprint)\n    return",
    )
    edit(
        layers / "storage.py",
        "from tapgen.payments.layers.blueprint import Blueprint\n",
        "from tapgen.payments.layers.blueprint import Blueprint\n"
        "from tapgen.payments.layers.data import _Tables\n",
    )
    edit(
        layers / "registry.py",
        'outputs_of("data", "KeyArn", *TABLE_NAMES)',
        'outputs_of("data", "KeyArn", *TABLE_NAMES[:2]), **outputs_of("storage", TABLE_NAMES[2])',
    )
    prod = diff("--env", "prod")["prod"]
    table = prod["storage.IdempotencyTable"]
    assert (table["action"], table["moved_from"]) == ("move", "data.IdempotencyTable")
    (refactor,) = prod["refactors"]
    assert {"source": "IdempotencyTable", "target": "IdempotencyTable"} in refactor["mappings"]
    assert "aws cloudformation create-stack-refactor" in refactor["command"]

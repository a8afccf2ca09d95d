"""The shape of the program, as docs/architecture.md describes it.

`make check` asks the import contracts about the program itself; here each of them is broken once.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

import pytest

from tapgen.cli.main import COMMANDS, module_of
from tapgen.payments.layers.registry import LAYERS
from tests.paths import ROOT

PACKAGE = ROOT / "tapgen"
IN_TEMPLATES = "No cycles are allowed in tapgen.model.templates."


class Planted(NamedTuple):
    """A statement that breaks a contract, and what the report names then: the module, mostly."""

    path: str
    statement: str
    told: str = ""

    @property
    def named(self) -> str:
        return self.told or f"tapgen.{self.path.removesuffix('.py').replace('/', '.')} -> "


# Contract -> what breaks it and nothing else of its kind.
VIOLATIONS = {
    "layers": [Planted("model/graph.py", "import tapgen.aws.account")],
    "siblings": [
        Planted("model/templates/paths.py", "import tapgen.model.templates.seal", IN_TEMPLATES),
        Planted("model/templates/seal.py", "import tapgen.model.templates.paths", IN_TEMPLATES),
    ],
    "platform": [Planted("review/schemas.py", "import tapgen.payments.platform")],
    "uses": [Planted("payments/checks.py", "import tapgen.operations.removal")],
    "terminal": [Planted("render/code/function_package.py", "import rich")],
    "aws": [Planted("cli/confirm.py", "import botocore")],
    "templates": [Planted("model/plan.py", "import troposphere.sns")],
    "builders": [Planted("payments/layers/zone.py", "import tapgen.iam.grants")],
    "cfnlint": [Planted("model/changes/change.py", "import cfnlint")],
    "scanners": [Planted("review/lint/lint.py", "import cloudformation_validate")],
    "settings": [Planted("render/files.py", "import yaml")],
    "dns": [Planted("aws/polling.py", "import dns.resolver")],
    "certificates": [Planted("deploy/observe/live/tls.py", "import cryptography")],
    "server": [Planted("cli/commands/setup/local.py", "import ministack")],
    "local": [Planted("cli/commands/write/graph.py", "import tapgen.local.state")],
    "functions": [Planted("deploy/observe/checks.py", "import tapgen.payments.functions.money")],
    "apart": [Planted("payments/functions/money.py", "import tapgen.payments.limits")],
}


def contracts() -> dict[str, str]:
    """Contract -> its name in setup.cfg."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    prefix = "importlinter:contract:"
    return {s.removeprefix(prefix): config[s]["name"] for s in config if s.startswith(prefix)}


def lint_imports(folder: Path) -> tuple[int, str]:
    """Check the contracts for the package in `folder`: exit code and report."""
    ran = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo"],
        cwd=folder,
        env={**os.environ, "COLUMNS": "1000"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    return ran.returncode, ran.stdout


def test_every_contract_notices_when_it_is_broken(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "tapgen", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    for path, statement, _ in chain.from_iterable(VIOLATIONS.values()):
        with (tmp_path / "tapgen" / path).open("a") as module:
            module.write(f"\n{statement}\n")
    code, report = lint_imports(tmp_path)
    assert code == 1
    assert VIOLATIONS.keys() == contracts().keys()
    for contract, name in contracts().items():
        assert f"{name} BROKEN" in report
        # What the report says of this contract: another violation may break it, too.
        _, _, told = report.partition(f"\n{name}\n---")
        for planted in VIOLATIONS[contract]:
            assert planted.named in told.partition("\n---")[0], contract


# --- nothing is forgotten -------------------------------------------------------------------------


@pytest.mark.parametrize("layer", [layer.name for layer in LAYERS])
@pytest.mark.parametrize(
    "path",
    ["tapgen/payments/layers/{}.py", "templates_out/{}.json", "tests/payments/layers/test_{}.py"],
)
def test_every_layer_has_its_module_template_and_test(layer: str, path: str) -> None:
    expected = path.format(layer)
    assert (ROOT / expected).is_file(), (
        f"layer {layer} is in tapgen/payments/layers/registry.py: add {expected}"
        + (" with `tapgen render`" if path.startswith("templates_out") else "")
    )


def test_every_builder_is_registered() -> None:
    builders = {
        path.stem
        for path in (PACKAGE / "payments" / "layers").glob("*.py")
        if re.search(r"^def build\(\)", path.read_text(), re.MULTILINE)
    }
    names = {layer.name for layer in LAYERS}
    assert builders == names, (
        f"bring LAYERS in tapgen/payments/layers/registry.py in line: {builders ^ names}"
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_module_and_test(name: str) -> None:
    module = module_of(name)
    assert find_spec(module), f"{name} is in COMMANDS: add tapgen/cli/commands/{name}.py"
    test = f"test_{module.rpartition('.')[2]}_command.py"
    assert list((ROOT / "tests").glob(f"cli/commands/*/{test}")), f"{name}: add {test}"


def test_every_command_module_is_registered() -> None:
    modules = {path.stem for path in (PACKAGE / "cli" / "commands").glob("*/*.py")} - {"__init__"}
    forgotten = modules - {module_of(name).rpartition(".")[2] for name in COMMANDS}
    assert not forgotten, f"add {sorted(forgotten)} to COMMANDS in tapgen/cli/main.py"


def docstring(folder: Path) -> str:
    return ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""


FOLDERS = sorted({path.parent for path in PACKAGE.rglob("*.py")})
# Rooms, and the groups of the largest one: who comes new has to learn what they never do.
ROOMS = [folder for folder in FOLDERS if folder.parent in {PACKAGE, PACKAGE / "deploy"}]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_every_folder_says_what_it_is_for(folder: Path) -> None:
    assert docstring(folder), "write the docstring of its __init__.py"


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.relative_to(ROOT)))
def test_every_room_says_what_it_never_does(room: Path) -> None:
    assert re.search(r"\b(never|no|nobody|nothing)\b", docstring(room), re.IGNORECASE)


def test_every_file_of_the_package_is_installed() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    installed = {
        path
        for package, patterns in config["options.package_data"].items()
        for pattern in patterns.split()
        for path in ROOT.joinpath(*package.split(".")).glob(pattern)
    }
    others = {path for path in PACKAGE.rglob("*.*") if path.suffix not in {".py", ".pyc"}}
    forgotten = sorted(str(path.relative_to(ROOT)) for path in others - installed)
    assert not forgotten, f"add {forgotten} to options.package_data in setup.cfg"


# --- small pieces: pre-commit's numbers -----------------------------------------------------------


def p90(lengths: list[int]) -> float:
    return quantiles(lengths, n=10)[-1]


def test_files_are_short() -> None:
    assert p90([len(path.read_text().splitlines()) for path in PACKAGE.rglob("*.py")]) < 240


# About a dozen names are read as a list and remembered as a group; with more, a group has no name
# yet. Where a folder is a list by its nature, one module for each of something, it may be longer.
MOST_MODULES = 13
LISTS = {
    "tapgen/aws/readers": "a service",
    "tapgen/local/internals/services": "a service, or a part of one",
    "tapgen/local/resources": "a service",
    "tapgen/payments/functions": "what is packaged as one flat folder for Lambda",
    "tapgen/payments/layers": "a layer",
}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_a_folder_has_about_a_dozen_modules(folder: Path) -> None:
    modules = {path.name for path in folder.glob("*.py")} - {"__init__.py"}
    if str(folder.relative_to(ROOT)) not in LISTS:
        assert len(modules) <= MOST_MODULES, "find the group among them, and name it"


def test_functions_are_short() -> None:
    lengths = [
        node.end_lineno - node.lineno + 1
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]
    assert p90(lengths) < 30

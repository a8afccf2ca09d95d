"""The shape of the program, as docs/architecture.md describes it.

`make check` asks the import contracts about the program itself; here each of them is broken once.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from importlib.util import find_spec
from pathlib import Path
from statistics import quantiles

import pytest

from tapgen.cli.main import COMMANDS, module_of
from tapgen.layers.registry import LAYERS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "tapgen"
# One forbidden import for each contract, and the module that must not contain it.
VIOLATIONS = {
    "direction": ("stacks/graph.py", "import tapgen.aws.account"),
    "terminal": ("stacks/code.py", "import rich"),
    "aws": ("cli/confirm.py", "import botocore"),
    "templates": ("stacks/plan.py", "import troposphere.sns"),
    "cfnlint": ("stacks/changes.py", "import cfnlint"),
    "policy": ("stacks/policy/scanning.py", "import cloudformation_validate"),
    "settings": ("stacks/files.py", "import yaml"),
    "dns": ("aws/polling.py", "import dns.resolver"),
    "server": ("cli/commands/local.py", "import ministack"),
    "local": ("cli/commands/graph.py", "import tapgen.local.state"),
    "functions": ("deploy/checks.py", "import tapgen.functions.money"),
    "apart": ("functions/money.py", "import tapgen.layers.limits"),
}


def contracts() -> dict[str, str]:
    """Contract -> its name in setup.cfg."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    prefix = "importlinter:contract:"
    return {s.removeprefix(prefix): config[s]["name"] for s in config if s.startswith(prefix)}


def lint_imports(folder: Path) -> tuple[int, str]:
    """Check the contracts for the package in `folder`: exit code and report on one line."""
    ran = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    return ran.returncode, " ".join(ran.stdout.split())


def test_every_contract_notices_when_it_is_broken(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "tapgen", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    for path, statement in VIOLATIONS.values():
        with (tmp_path / "tapgen" / path).open("a") as module:
            module.write(f"\n{statement}\n")
    code, report = lint_imports(tmp_path)
    assert code == 1
    assert VIOLATIONS.keys() == contracts().keys()
    for name in contracts().values():
        assert f"{name} BROKEN" in report


# --- nothing is forgotten -------------------------------------------------------------------------


@pytest.mark.parametrize("layer", [layer.name for layer in LAYERS])
@pytest.mark.parametrize(
    "path", ["tapgen/layers/{}.py", "templates_out/{}.json", "tests/layers/test_{}.py"]
)
def test_every_layer_has_its_module_template_and_test(layer: str, path: str) -> None:
    expected = path.format(layer)
    assert (ROOT / expected).is_file(), (
        f"layer {layer} is in tapgen/layers/registry.py: add {expected}"
        + (" with `tapgen render`" if path.startswith("templates_out") else "")
    )


def test_every_builder_is_registered() -> None:
    builders = {
        path.stem
        for path in (PACKAGE / "layers").glob("*.py")
        if re.search(r"^def build\(\)", path.read_text(), re.MULTILINE)
    }
    names = {layer.name for layer in LAYERS}
    assert builders == names, (
        f"bring LAYERS in tapgen/layers/registry.py in line: {builders ^ names}"
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_module_and_test(name: str) -> None:
    module = module_of(name)
    assert find_spec(module), f"{name} is in COMMANDS: add tapgen/cli/commands/{name}.py"
    test = f"test_{module.rpartition('.')[2]}_command.py"
    assert list((ROOT / "tests").glob(f"*/{test}")), f"command {name}: add tests/cli/{test}"


def test_every_command_module_is_registered() -> None:
    modules = {path.stem for path in (PACKAGE / "cli" / "commands").glob("*.py")} - {"__init__"}
    forgotten = modules - {module_of(name).rpartition(".")[2] for name in COMMANDS}
    assert not forgotten, f"add {sorted(forgotten)} to COMMANDS in tapgen/cli/main.py"


def test_every_folder_says_what_it_is_for() -> None:
    for folder in {path.parent for path in PACKAGE.rglob("*.py")}:
        text = (folder / "__init__.py").read_text()
        assert ast.get_docstring(ast.parse(text)), f"{folder.name}/__init__.py has no docstring"


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


def test_functions_are_short() -> None:
    lengths = [
        node.end_lineno - node.lineno + 1
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]
    assert p90(lengths) < 30

"""The peers' projects describe the same stacks, always the same way."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from benchmarks.harness import Cost
from benchmarks.peers import installation, results
from benchmarks.peers.__main__ import measurement, prepared
from benchmarks.peers.generate import GENERATORS
from benchmarks.peers.installation import NotInstalledError
from benchmarks.peers.peer import PEERS, wanted
from benchmarks.peers.platform import Platform, Stack, read
from benchmarks.peers.results import Deployment, Measurement
from tests.paths import ROOT

RENDERED: Final = ROOT / "templates_out"


@cache
def platform() -> Platform:
    return read(RENDERED)


@cache
def project(peer: str) -> Mapping[str, str]:
    return GENERATORS[peer](platform())


class _Loader(yaml.SafeLoader):
    """Takes Sceptre's tag for a list, so that it is no plain string."""


def _listed(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> list[object]:
    return [loader.construct_scalar(node)]


_Loader.add_constructor("!stack_output", _listed)


def test_every_rendered_stack_is_described_behind_those_that_it_takes_from() -> None:
    stacks = platform().stacks
    assert {stack.name for stack in stacks} == set(wanted(RENDERED))
    seen: set[tuple[str, str]] = set()
    for stack in stacks:
        assert {(stack.environment, layer) for layer, _ in stack.inputs.values()} <= seen
        seen.add((stack.environment, stack.layer))


@pytest.mark.parametrize("peer", GENERATORS)
def test_a_project_is_always_the_same(peer: str) -> None:
    again = GENERATORS[peer](read(RENDERED))
    assert list(again.items()) == list(project(peer).items())
    assert str(RENDERED.parent) not in "".join(again.values())


@pytest.mark.parametrize("peer", sorted(GENERATORS.keys() - {"cdk"}))
def test_generated_python_is_python(peer: str) -> None:
    python = {path: text for path, text in project(peer).items() if path.endswith(".py")}
    assert python
    for path, text in python.items():
        ast.parse(text, path)


@pytest.mark.parametrize("layer", ["compute", "zone"])
def test_a_template_of_sceptre_makes_that_of_tapgen(layer: str) -> None:
    module: dict[str, Any] = {}
    exec(project("sceptre")[f"templates/{layer}.py"], module)  # noqa: S102 - generated above
    assert json.loads(module["sceptre_handler"]({})) == json.loads(platform().texts[layer])


@pytest.mark.parametrize("stack", platform().stacks, ids=lambda stack: stack.name)
def test_a_config_of_sceptre_has_every_parameter(stack: Stack) -> None:
    text = project("sceptre")[f"config/{stack.environment}/{stack.layer}.yaml"]
    config = yaml.load(text, _Loader)  # noqa: S506 - a safe loader with one more tag
    given = {
        parameter: [f"{stack.environment}/{layer}.yaml::{output}"]
        for parameter, (layer, output) in stack.inputs.items()
    }
    assert config["parameters"] == {**stack.parameters, **given}
    # The name that `!stack_output` looks for: no config may have one of its own.
    code = yaml.safe_load(project("sceptre")["config/config.yaml"])["project_code"]
    assert f"{code}-{stack.environment}-{stack.layer}" == stack.name
    assert "stack_name" not in config
    assert config["template"] == {"type": "file", "path": f"{stack.layer}.py"}


@pytest.mark.parametrize("environment", platform().environments)
def test_a_config_of_cfngin_has_every_parameter_of_every_stack(environment: str) -> None:
    config = yaml.safe_load(project("cfngin")[f"{environment}.cfn/stacks.yaml"])
    stacks = platform().environments[environment]
    assert [f"{config['namespace']}-{one['name']}" for one in config["stacks"]] == [
        stack.name for stack in stacks
    ]
    for described, stack in zip(config["stacks"], stacks, strict=True):
        values = described["variables"]
        assert values.keys() == stack.parameters.keys() | stack.inputs.keys()
        plain = {name: str(values[name]) for name in stack.parameters}
        assert plain == stack.parameters
        for parameter, (layer, output) in stack.inputs.items():
            assert values[parameter] == f"${{output {layer}.{output}}}"


def test_runway_deploys_the_module_of_the_environment_asked_for() -> None:
    (deployment,) = yaml.safe_load(project("cfngin")["runway.yml"])["deployments"]
    assert deployment["regions"] == ["us-east-1"]
    (module,) = deployment["modules"]
    assert module["environments"] == dict.fromkeys(platform().environments, True)
    for environment in platform().environments:
        path = module["path"].replace("${env DEPLOY_ENVIRONMENT}", environment)
        assert f"{path}/stacks.yaml" in project("cfngin")


def test_a_blueprint_of_cfngin_declares_parameters_as_variables() -> None:
    blueprint = project("cfngin")["blueprints/compute.py"]
    assert "class Compute(Blueprint):" in blueprint
    assert "'PrivateSubnetIds': {'type': EC2SubnetIdList" in blueprint
    assert "import CFNNumber, CFNString, EC2SubnetIdList\n" in blueprint
    assert "add_parameter" not in blueprint


def test_the_cdk_refers_to_outputs_but_not_in_conditions() -> None:
    environments = json.loads(project("cdk")["environments.json"])
    stacks = {one["name"]: one for found in environments.values() for one in found}
    assert stacks.keys() == wanted(RENDERED).keys()
    compute = stacks["payments-dev-compute"]
    assert compute["inputs"]["KeyArn"] == ["data", "KeyArn"]
    assert compute["parameters"]["LogLevel"] == "INFO"
    assert "CertificateArn" not in stacks["payments-dev-cdn"]["inputs"]
    assert "ApiDomainName" in stacks["payments-dev-cdn"]["inputs"]


def test_the_cdk_gets_the_templates_with_schemas_as_objects() -> None:
    for layer, text in platform().texts.items():
        found, ours = json.loads(project("cdk")[f"templates/{layer}.json"]), json.loads(text)
        for name, resource in found["Resources"].items():
            if resource["Type"] == "AWS::ApiGateway::Model":
                schema = resource["Properties"]["Schema"]
                assert schema["type"] == "object"
                resource["Properties"]["Schema"] = ours["Resources"][name]["Properties"]["Schema"]
        assert found == ours


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_a_peer_is_known_by_its_locked_version(peer: Any) -> None:
    title, _, version = peer.program.rpartition(" ")
    assert title == peer.title
    assert version.count(".") == 2


def test_what_the_cdk_asks_for_is_locked_without_a_place_to_download_from() -> None:
    asked = json.loads((installation.LOCKS / "package.json").read_text())["dependencies"]
    packages = json.loads((installation.LOCKS / "package-lock.json").read_text())["packages"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in asked} == asked
    # What comes inside of another package has its hash with that.
    fetched = {path: one for path, one in packages.items() if path and not one.get("inBundle")}
    assert [path for path, one in fetched.items() if "integrity" not in one] == []
    assert not any("resolved" in one for one in packages.values())


def test_what_is_installed_as_locked_is_not_installed_again(tmp_path: Path) -> None:
    folder, steps = tmp_path / "peer", list[Path]()
    for _ in range(2):
        installation.install(folder, ["sceptre.lock"], steps.append)
    assert steps == [folder]
    installation.install(folder, ["cfngin.lock"], steps.append)
    assert steps == [folder, folder]
    assert [path.name for path in folder.glob("*.lock")] == ["cfngin.lock"]


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (["no-such-program"], "no-such-program is not installed"),
        ([sys.executable, "-c", "raise SystemExit('no network')"], "no network"),
        ([sys.executable, "-c", "raise SystemExit(4)"], "exit code 4"),
    ],
)
def test_a_step_that_fails_says_why(program: list[str], reason: str, tmp_path: Path) -> None:
    with pytest.raises(NotInstalledError, match=reason):
        installation.do(program, tmp_path)


def test_a_peer_that_cannot_be_installed_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(folder: Path) -> None:
        installation.do(["no-such-program"], folder)

    monkeypatch.setattr("benchmarks.peers.peer.FOLDER", tmp_path)
    assert list(prepared([replace(PEERS[0], installed=fails)])) == []
    assert capsys.readouterr().out.endswith("is skipped: no-such-program is not installed\n")


# Stands for a peer: writes what tapgen has rendered, by the names of the stacks.
RENDERS: Final = """
import sys
from pathlib import Path
Path("out").mkdir()
for path in Path("config").glob("*/*.yaml"):
    if path.name != "config.yaml":
        text = Path(sys.argv[1], path.stem + ".json").read_text()
        Path("out", f"payments-{path.parent.name}-{path.stem}.json").write_text(text)
"""


@pytest.mark.slow
def test_only_a_peer_that_renders_the_same_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("benchmarks.peers.peer.FOLDER", tmp_path)
    render = (sys.executable, "-c", RENDERS, str(RENDERED))
    same = replace(PEERS[0], installed=lambda _folder: None, renders={"render": render})
    assert list(prepared([same])) == [same]
    assert f"renders {len(platform().stacks)} stacks with" in capsys.readouterr().out
    other = replace(same, renders={"render": (sys.executable, "-c", "pass")})
    with pytest.raises(RuntimeError, match="renders different resources from tapgen"):
        list(prepared([other]))


def test_ratios_are_medians_of_turns(tmp_path: Path) -> None:
    theirs = [Cost(2.0, 1.0, 50.0), Cost(9.0, 3.0, 60.0), Cost(4.0, 2.0, 70.0)]
    ours = [Cost(1.0, 0.5, 30.0), Cost(3.0, 0.5, 30.0), Cost(1.0, 0.5, 30.0)]
    found = measurement("render", "Sceptre", theirs, ours)
    assert found == Measurement("render", "Sceptre", Cost(4.0, 2.0, 60.0), 3.0, 4.0)
    assert results.table([found]).splitlines()[2] == (
        "| render | Sceptre | 4.00 | 2.00 | 60 | 3.0 | 4.0 |"
    )
    path = tmp_path / "results.json"
    assert results.load(path) == ([], [])
    results.save([found], [], path)
    assert results.load(path) == ([found], [])


def test_a_part_that_is_not_measured_stays(tmp_path: Path) -> None:
    cost = Cost(70.04, 0.812, 90.0)
    first = [
        Deployment("first", "tapgen", cost, 89, 60, 1.0),
        Deployment("nothing", "tapgen", replace(cost, wall=0.5), 2, 1, 1.0),
        Deployment("first", "AWS CLI 1.2.3", replace(cost, wall=140.0), 86, 86, 2.0),
    ]
    command = Measurement("render", "tapgen", cost, 1.0, 1.0)
    path = tmp_path / "results.json"
    results.save([command], first, path)
    results.save([], first[:1], path)
    assert results.load(path) == ([command], first[:1])
    assert results.deployments(first).splitlines()[2:] == [
        "| first | tapgen | 70.0 | 0.81 | 89 | 60 | 1.00 |",
        "| first | AWS CLI 1.2.3 | 140.0 | 0.81 | 86 | 86 | 2.00 |",
        "| nothing | tapgen | 0.5 | 0.81 | 2 | 1 | 1.00 |",
    ]


# Stands for the AWS CLI: writes its arguments down, and gives a stack's outputs.
AWS: Final = """
import json
import sys
from pathlib import Path
with Path("calls").open("a") as calls:
    print(json.dumps(sys.argv[1:]), file=calls)
name = sys.argv[sys.argv.index("--stack-name") + 1]
if "describe-stacks" in sys.argv:
    text = Path("templates", name.rpartition("-")[2] + ".json").read_text()
    outputs = json.loads(text)["Outputs"]
    pairs = [{"OutputKey": key, "OutputValue": f"{name}.{key}"} for key in outputs]
    print(json.dumps({"Stacks": [{"Outputs": pairs}]}))
"""


def test_the_aws_cli_deploys_each_stack_behind_those_that_it_reads(tmp_path: Path) -> None:
    for path, text in {**project("awscli"), "bin/aws": f"#!{sys.executable}\n{AWS}"}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "bin" / "aws").chmod(0o700)
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    subprocess.run([tmp_path / "bin" / "python", "deploy.py", "dev"], cwd=tmp_path, check=True)
    calls = [json.loads(line) for line in (tmp_path / "calls").read_text().splitlines()]
    commands = [(call[3], call[5]) for call in calls]  # behind the region and the service
    stacks = platform().environments["dev"]
    for stack in stacks:
        at = commands.index(("deploy", stack.name))
        read = {layer: f"payments-dev-{layer}" for layer, _ in stack.inputs.values()}
        assert {("describe-stacks", name) for name in read.values()} <= set(commands[:at])
        given = {name: f"{read[layer]}.{out}" for name, (layer, out) in stack.inputs.items()}
        pairs = {f"{name}={value}" for name, value in {**stack.parameters, **given}.items()}
        assert pairs | {f"{name}={value}" for name, value in stack.tags.items()} <= {*calls[at]}
    # One call for each, and one more for each that another reads.
    read_by_others = {layer for stack in stacks for layer, _ in stack.inputs.values()}
    assert len(calls) == len(stacks) + len(read_by_others)

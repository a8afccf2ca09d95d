from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tapgen.aws.account import Connection
from tapgen.configuration import find
from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.observe.inspection import Seen
from tapgen.errors import TapgenError, UsageError
from tapgen.local.state import LocalAws
from tapgen.operations import cancel, deploy, outputs, recover, render, status, watch
from tapgen.project import Project
from tapgen.render.sources.draft import BrokenLayerError
from tests.paths import ROOT


def test_environments_are_all_or_the_chosen_ones_once(project: Path) -> None:
    found = Project()
    assert found.names() == ["dev", "staging", "prod"]
    assert [e.name for e in found.environments()] == ["dev", "staging", "prod"]
    assert [e.name for e in found.environments(["prod", "prod"])] == ["prod"]
    with pytest.raises(UsageError, match="pord"):
        found.environments(["pord"])


def test_environments_are_read_once_in_a_run(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Project()
    first = found.environments(["dev"])
    monkeypatch.setattr("tapgen.settings.store.load_all", None)
    assert found.environments(["dev", "dev"]) is first


def test_a_target_is_one_environment_and_how_its_account_is_reached(project: Path) -> None:
    target = Project(profile="mine").target("prod")
    assert target.environment == "prod"
    assert target.account.account_id == "333333333333"
    assert target.account.connection == Connection(profile="mine")
    assert target.command("plan") == "tapgen plan --env prod --profile mine"


def test_a_project_is_found_from_a_folder_below(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "tapgen.toml").write_text('templates = "generated"\n')
    (project / "below").mkdir()
    monkeypatch.chdir(project / "below")
    found = Project.find(local=True)
    assert (found.folder, found.envs, found.templates) == (
        project,
        Path("../envs"),
        Path("../generated"),
    )
    assert (found.local, found.suffix) == (True, " --local")
    assert found.names() == ["dev", "staging", "prod"]


def test_a_project_that_was_named_is_named_in_what_is_advised(project: Path) -> None:
    found = Project.of(find(project), named=Path("some where"), envs=Path("other"))
    assert found.suffix == " --project 'some where' --envs-dir other"


@pytest.fixture
def broken(project: Path, monkeypatch: pytest.MonkeyPatch, local_aws: LocalAws) -> Project:
    """A project with a broken builder, in the local AWS."""

    def build() -> None:
        raise ValueError("half an edit")

    monkeypatch.setattr("tapgen.payments.layers.zone.build", build)
    monkeypatch.setattr(Project, "local_aws", lambda _: local_aws)
    return Project(local=True, remember=False)


def test_who_looks_or_rescues_does_with_what_is_committed(
    broken: Project, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(ROOT / "templates_out", "templates_out")
    seen = status(broken, ["dev"])["dev"]
    assert isinstance(seen, Seen)
    assert {state.status for state in seen.states.values()} == {"ABSENT"}
    assert "half an edit" in caplog.text
    assert "templates_out/zone.json is used instead" in caplog.text
    for work in (cancel, recover, watch):
        assert work(broken, "dev", SILENT).found == ()
    with pytest.raises(TapgenError, match="no layer of dev is deployed"):
        outputs(broken, "dev")


def test_who_acts_does_not(broken: Project) -> None:
    shutil.copytree(ROOT / "templates_out", "templates_out")
    with pytest.raises(BrokenLayerError, match="layer zone cannot be built: ValueError: half"):
        deploy(broken, ["dev"], SILENT)


def test_without_a_committed_template_there_is_nothing_to_do_with(broken: Project) -> None:
    with pytest.raises(BrokenLayerError, match="half an edit"):
        status(broken, ["dev"])


def test_references_are_checked_against_committed_outputs_too(broken: Project) -> None:
    settings = Path("envs/staging.yaml")
    text = settings.read_text()
    reference = "parent_zone_id: {output: prod.zone.HostedZoneId}"
    settings.write_text(f"{text}\n{reference}\n")
    with pytest.raises(BrokenLayerError):
        broken.looking().environments(["staging"])
    shutil.copytree(ROOT / "templates_out", "templates_out")
    (found,) = broken.looking().environments(["staging"])
    assert "prod.zone.HostedZoneId" in str(found.value("parent_zone_id"))


@pytest.mark.slow
def test_the_local_aws_is_reached_at_its_own_address(
    local_aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(local_aws.directory.parents[1])
    connection = Project(local=True, profile="ignored").connection("dev")
    assert connection == Connection(endpoint_url=local_aws.endpoint_url, local=True)


def test_a_profile_counts_where_the_local_aws_enforces_iam(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    local = LocalAws("http://127.0.0.1:1", 1, 1, tmp_path, enforces_iam=True)
    monkeypatch.setattr("tapgen.local.client.start", lambda _: local)
    connection = Project(local=True, profile="me").connection("dev")
    assert connection == Connection(profile="me", endpoint_url=local.endpoint_url, local=True)


@pytest.mark.parametrize(
    ("project", "suffix"),
    [
        (Project(), ""),
        (Project(local=True), " --local"),
        (Project(profile="mine"), " --profile mine"),
        (Project(profile="my own"), " --profile 'my own'"),
        (Project(profile="mine", local=True), " --local"),
        (Project(envs=Path("a b"), local=True), " --envs-dir 'a b' --local"),
    ],
)
def test_suggested_commands_repeat_how_aws_was_reached(
    monkeypatch: pytest.MonkeyPatch, project: Project, suffix: str
) -> None:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    assert project.suffix == suffix


def test_a_profile_of_the_environment_need_not_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    assert Project(profile="mine").suffix == ""
    assert Project(profile="other").suffix == " --profile other"


def test_without_local_a_deployed_url_is_served_where_it_says() -> None:
    assert Project().address("https://pay.example.com/x") == ("https://pay.example.com/x", {})


def test_a_platform_is_a_platform() -> None:
    with pytest.raises(TapgenError, match="'json:dumps' is not a Platform"):
        _ = Project(platform_name="json:dumps").platform


def test_without_a_bucket_a_release_is_recorded_in_the_project_by_account(project: Path) -> None:
    found = Project()
    assert found.ledger(found.target("prod")).name == ".tapgen/ledger/333333333333"


def test_a_platform_without_layers_renders_nothing_and_removes_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = Project()
    monkeypatch.setitem(
        vars(empty),
        "platform",
        replace(empty.platform, layers=(), artifacts=None, rollback_alarms=()),
    )
    before = sorted((project / "templates_out").rglob("*"))
    for render_it in (lambda: empty.rendered(()), lambda: render(empty)):
        with pytest.raises(TapgenError, match="the platform payments has no layers"):
            render_it()
    assert sorted((project / "templates_out").rglob("*")) == before


def test_a_template_is_in_the_project_or_in_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "shop"
    (folder / "inside_platform" / "layers").mkdir(parents=True)
    (folder / "inside_platform" / "platform.py").write_text(INSIDE)
    (tmp_path / "other.yaml").touch()
    (folder / "own.yaml").touch()
    (folder / "inside_platform" / "linked.yaml").symlink_to(tmp_path / "other.yaml")
    name = "inside_platform.platform"
    monkeypatch.syspath_prepend(folder)
    assert Project(folder=folder, platform_name=f"{name}:RIGHT").platform.name == "right"
    with pytest.raises(TapgenError) as refused:
        _ = Project(folder=folder, platform_name=f"{name}:WRONG").platform
    told = "the project FOLDER: the template of the layer {} is outside it: {}"
    assert refused.value.message.replace(str(folder), "FOLDER").splitlines() == [
        told.format("up", f"{tmp_path}/other.yaml"),
        told.format("linked", "FOLDER/inside_platform/linked.yaml"),
        told.format("absolute", "/etc/hosts"),
    ]
    assert refused.value.hint.startswith("Move it into the project, or into the package")


INSIDE = """
from tapgen.model.layer import Layer, in_package
from tapgen.model.platform import Platform

def platform(name, **templates):
    layers = [Layer(layer, "A layer.", template=path) for layer, path in templates.items()]
    return Platform(name=name, layers=in_package("inside_platform.layers", *layers))

RIGHT = platform("right", own="../../own.yaml", missing="nothing.yaml")
WRONG = platform(
    "wrong", own="../../own.yaml", up="../../../other.yaml", linked="../linked.yaml",
    absolute="/etc/hosts",
)
"""

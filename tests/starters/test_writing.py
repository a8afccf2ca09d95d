from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tapgen.configuration import find
from tapgen.errors import RefusedError, TapgenError
from tapgen.starters import writing
from tapgen.starters.wishes import KINDS, Wishes
from tapgen.starters.writing import files_of, write
from tests.paths import ROOT

ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}


def wishes(kind: str) -> Wishes:
    return Wishes(kind, "shop", "eu-west-1", ACCOUNTS)


def both_of(path: str) -> tuple[str, str]:
    """A file of this repository, and that of the same name which a project gets."""
    return (ROOT / path).read_text(), files_of(wishes("empty"))[path]


@pytest.mark.parametrize("kind", KINDS)
def test_every_word_is_filled_in(kind: str) -> None:
    found = files_of(wishes(kind))
    assert not [path for path, text in found.items() if re.search(r"@[a-z_]+@", path + text)]
    assert found["pyproject.toml"].count('platform = "shop_platform.platform:PLATFORM"') == 1
    assert "region: eu-west-1\n" in found["envs/common.yaml"]
    for name, account in ACCOUNTS.items():
        assert f'account_id: "{account}"' in found[f"envs/{name}.yaml"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_readme_names_every_part_and_no_other(kind: str) -> None:
    found = files_of(wishes(kind))
    named = re.findall(r"`([\w./-]+[./][\w./-]*)`", found["README.md"])
    made = {"templates_out/"}
    for name in named:
        assert name in made or any(path.startswith(name) for path in found), name
    parts = {"/".join(path.split("/")[:2]) for path in found if path.startswith("shop_platform/")}
    parts = {part for part in parts if not part.endswith("__init__.py")}
    assert {part for part in parts if not any(n.startswith(part) for n in named)} == set()


def test_the_requirement_is_the_tapgen_that_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "requirement", lambda extra: f"tapgen[{extra}] == 9")
    lines = files_of(wishes("empty"))["requirements.txt"].splitlines()
    assert lines[1:] == ["tapgen[local] == 9", "pytest >= 8"]


def test_the_workflow_of_pull_requests_is_ours_and_runs_the_projects_tests() -> None:
    ours, theirs = (
        yaml.safe_load(text)["jobs"] for text in both_of(".github/workflows/review.yml")
    )
    assert theirs["comment"] == ours["comment"]
    steps, own = theirs["impact"].pop("steps"), ours["impact"].pop("steps")
    del theirs["impact"]["name"], ours["impact"]["name"]
    assert theirs["impact"] == ours["impact"]
    tests = {
        "if": "${{ !cancelled() && steps.install.outcome == 'success' }}",
        "run": "python -m pytest",
    }
    assert [step for step in steps if step != tests] == own
    assert len(steps) == len(own) + 1


@pytest.mark.parametrize(
    "path",
    [
        ".github/actions/profiles.py",
        ".github/workflows/deploy-stage.yml",
        ".github/workflows/deploy.yml",
        ".github/workflows/drift.yml",
        ".github/zizmor.yml",
    ],
)
def test_what_deploys_and_looks_for_drift_is_ours(path: str) -> None:
    """What a project runs is what is tried here: tests/test_workflows.py runs the steps."""
    ours, theirs = both_of(path)
    assert theirs == ours.replace("docs/releases.md explains", "README.md explains")


def test_what_workflows_install_is_what_the_project_names() -> None:
    path = ".github/actions/tapgen/action.yml"
    ours, theirs = (yaml.safe_load(text)["runs"] for text in both_of(path))
    (python, locked), (same, installed) = ours.pop("steps"), theirs.pop("steps")
    assert (theirs, same) == (ours, python)
    assert "requirements.lock" in locked["run"]
    command = "python -m pip install --requirement requirements.txt"
    assert installed == {**locked, "run": command}


def test_every_part_of_a_workflow_is_written() -> None:
    found = files_of(wishes("empty"))
    texts = " ".join(text for path, text in found.items() if path.startswith(".github/"))
    used = set(re.findall(r"uses: \./(\S+)|python (\.github/\S+)", texts))
    paths = {action or program for action, program in used}
    assert len(paths) == 3
    for path in paths:
        assert path in found or f"{path}/action.yml" in found, path


def test_the_table_of_bootstrap_counts_once_it_is_uncommented(tmp_path: Path) -> None:
    text = files_of(wishes("empty"))["pyproject.toml"]
    table = re.search(r"^# \[tool\.tapgen\.bootstrap\]\n(# .*\n)+", text, re.MULTILINE)
    assert table
    uncommented = text.replace(table[0], table[0].replace("# ", ""))
    (tmp_path / "pyproject.toml").write_text(uncommented)
    told = find(tmp_path)
    assert told["bootstrap.repository"] == "our-team/shop"
    assert told["bootstrap.approvers"] == ["arn:aws:iam::{account}:role/lead"]


def test_the_payments_platform_becomes_the_projects_own_code() -> None:
    found = files_of(wishes("payments"))
    modules = {
        str(path.relative_to(ROOT / "tapgen" / "payments"))
        for path in (ROOT / "tapgen" / "payments").rglob("*.py")
    }
    copied = {path.removeprefix("shop_platform/") for path in found if path.startswith("shop_")}
    assert copied == modules - {"demo.py"}
    assert not [path for path, text in found.items() if "tapgen.payments" in text]
    assert 'name="shop"' in found["shop_platform/platform.py"]
    for name in ("common", *ACCOUNTS):  # the sizes of the repository's environments
        own, ours = (
            yaml.safe_load(text)
            for text in (found[f"envs/{name}.yaml"], (ROOT / "envs" / f"{name}.yaml").read_text())
        )
        changed = {"project", "region"} if name == "common" else set()
        assert {key for key in ours if own[key] != ours[key]} == changed


# --- all or nothing -------------------------------------------------------------------------------


def everything(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_folder_may_hold_other_files(tmp_path: Path) -> None:
    (tmp_path / "envs").mkdir()
    (tmp_path / "LICENSE").write_text("ours")
    write(tmp_path, {"envs/dev.yaml": "a", "b/c/d.py": "e"})
    assert everything(tmp_path) == {"LICENSE": "ours", "envs/dev.yaml": "a", "b/c/d.py": "e"}


def test_all_that_is_in_the_way_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    there = {"README.md": "ours", "b": "a file where a folder has to be"}
    for path, text in there.items():
        (tmp_path / path).write_text(text)
    (tmp_path / "link").symlink_to("nowhere")
    wanted = {"README.md": "x", "a.py": "x", "b/c/d.py": "x", "link": "x"}
    with pytest.raises(TapgenError) as refused:
        write(tmp_path, wanted)
    assert refused.value.exit_code == 1
    assert refused.value.message.splitlines()[1:] == [
        f"  {tmp_path / path}" for path in ("README.md", "b", "link")
    ]
    assert everything(tmp_path) == there


@pytest.mark.parametrize("folder", ["taken", "taken/below", "dangling"])
def test_a_file_in_the_place_of_the_folder_is_named_once(tmp_path: Path, folder: str) -> None:
    (tmp_path / "taken").write_text("ours")
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(TapgenError, match="these files already exist") as refused:
        write(tmp_path / folder, {"README.md": "x", "envs/dev.yaml": "x"})
    named = tmp_path / folder.partition("/")[0]
    assert refused.value.message.splitlines()[1:] == [f"  {named}"]


def test_what_cannot_be_finished_is_taken_back(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(TapgenError, match="cannot write"):
        write(folder, {"a/b.py": "x", f"c/{'long' * 99}": "x"})
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]


def test_what_somebody_else_puts_there_meanwhile_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path, text: str, *, new: bool) -> None:
        path.parent.mkdir(parents=True)
        (path.parent / "theirs").write_text(f"{text}{new}")
        raise RefusedError("no")

    monkeypatch.setattr(writing, "write_atomically", refused)
    with pytest.raises(RefusedError):
        write(tmp_path / "new", {"a/b.py": "x"})
    assert everything(tmp_path) == {"new/a/theirs": "xTrue"}

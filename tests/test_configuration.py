from __future__ import annotations

import json
from pathlib import Path

import pytest

from tapgen.configuration import KEYS, Configuration, ConfigurationFaults, Value, find
from tapgen.errors import TapgenError, UsageError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder; we are in one below it, and no variable says anything."""
    for variable in ("TAPGEN_PROJECT", *(key.variable for key in KEYS.values() if key.variable)):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    return tmp_path


def test_without_a_file_the_working_folder_is_the_project(folder: Path) -> None:
    found = find()
    assert found == Configuration(folder / "below")
    assert {value.origin for value in found.values.values()} == {"default"}
    assert (found["platform"], found.path("envs"), found.profile) == (
        "tapgen.payments.platform:PLATFORM",
        Path("envs"),
        None,
    )
    assert found.import_folders == []


@pytest.mark.parametrize(
    ("name", "heading", "line"), [("tapgen.toml", "", 1), ("pyproject.toml", "[tool.tapgen]\n", 2)]
)
def test_a_project_is_found_from_a_folder_below_it(
    folder: Path, name: str, heading: str, line: int
) -> None:
    (folder / name).write_text(
        f'{heading}platform = "team.platform:PLATFORM"\n  "envs" = "settings"\n'
        'stages = ["a", "b"]\npythonpath = ["src", "."]\n'
    )
    found = find()
    assert (found.folder, found.origin) == (folder, f"../{name}")
    assert found.values["platform"] == Value("team.platform:PLATFORM", f"../{name}:{line}")
    assert found.values["envs"] == Value("settings", f"../{name}:{line + 1}")
    assert found["stages"] == ["a", "b"]
    assert (found.path("envs"), found.path("templates")) == (
        Path("../settings"),
        Path("../templates_out"),
    )
    assert found.import_folders == [folder / "src", folder]


def test_a_file_of_its_own_wins_and_a_foreign_pyproject_is_none(folder: Path) -> None:
    (folder / "below" / "pyproject.toml").write_text("[tool.other]\na = 1\n")
    (folder / "pyproject.toml").write_text('[tool.tapgen]\nenvs = "of-pyproject"\n')
    assert find()["envs"] == "of-pyproject"
    (folder / "tapgen.toml").write_text('envs = "of-tapgen"\n')
    assert find()["envs"] == "of-tapgen"


def test_a_table_below_is_no_table(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.tapgen.more]\na = 1\n")
    with pytest.raises(ConfigurationFaults, match="more: is not a known key; known keys:"):
        find()


def test_variables_win_over_the_file_and_say_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "tapgen.toml").write_text('envs = "settings"\n')
    monkeypatch.setenv("TAPGEN_ENVS_DIR", "other")
    monkeypatch.setenv("TAPGEN_PLATFORM", "")  # CI sets what it does not know to nothing
    found = find()
    assert found.values["envs"] == Value("other", "TAPGEN_ENVS_DIR")
    assert found.values["platform"].origin == "default"
    told = found.with_options({"envs": ("--envs-dir", Path("mine")), "templates": ("--out", None)})
    assert told.values["envs"] == Value("below/mine", "--envs-dir")
    assert told.path("envs") == Path("mine")
    assert told.values["templates"] == found.values["templates"]


def test_the_project_is_named_by_a_variable_or_an_option(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        (folder / name).mkdir()
    (folder / "one" / "tapgen.toml").write_text('envs = "of-one"\n')
    monkeypatch.setenv("TAPGEN_PROJECT", "../one")
    assert (find().folder, find().origin, find()["envs"]) == (
        folder / "one",
        "TAPGEN_PROJECT",
        "of-one",
    )
    assert find(Path("../two")) == Configuration(folder / "two", "--project")
    with pytest.raises(UsageError, match=r'--project: "\.\./three" is not a folder'):
        find(Path("../three"))


@pytest.mark.parametrize(
    ("variable", "value"),
    [("AWS_PROFILE", "mine"), ("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "t")],
)
def test_who_is_calling_wins_over_the_files_profile(
    folder: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    (folder / "tapgen.toml").write_text('profile = "team-{env}"\n')
    assert find().profile == "team-{env}"
    monkeypatch.setenv(variable, value)
    assert find().profile is None
    monkeypatch.setenv("TAPGEN_PROFILE", "said")
    assert find().profile == "said"


def test_all_faults_are_told_at_once_with_their_lines(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "pyproject.toml").write_text(
        "[project]\nenvs = 3\n\n[tool.tapgen] # ours\nplatfrom = 1\n  platform = 'team'\n"
        "envs = ''\nstages = ['a', 'a']\npythonpath = [1]\ntemplates = []\n"
    )
    monkeypatch.setenv("TAPGEN_PROFILE", " ")
    with pytest.raises(ConfigurationFaults) as raised:
        find()
    assert str(raised.value) == (
        'TAPGEN_PROFILE: " " is not an AWS profile, in whose name {env} stands for the '
        'environment, such as "our-{env}"\n'
        "../pyproject.toml:5:1: platfrom: is not a known key; did you mean platform?\n"
        '../pyproject.toml:6:3: platform: "team" is not a name in a module, such as '
        '"our_platform.platform:PLATFORM"\n'
        '../pyproject.toml:7:1: envs: "" is not a folder below the project, such as "envs"\n'
        "../pyproject.toml:8:1: stages: ['a', 'a'] is not names of environments in the order of "
        'promotion, such as ["dev", "prod"], each once\n'
        "../pyproject.toml:9:1: pythonpath: [1] is not folders from which the platform is "
        'imported, such as ["src"], each once\n'
        "../pyproject.toml:10:1: templates: [] is not a folder below the project, such as "
        '"templates_out"'
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [("envs = 'a'\n b = c\n", "2:6"), ("envs = '''", "1:1"), ("a = 1\na = 2\n", "2:6")],
)
def test_what_is_no_toml_is_told_with_its_place(folder: Path, text: str, place: str) -> None:
    (folder / "tapgen.toml").write_text(text)
    with pytest.raises(ConfigurationFaults, match=rf"^\.\./tapgen\.toml:{place}: is not TOML: \w"):
        find()


def test_a_key_in_a_line_of_its_own_table_is_found_at_the_heading(folder: Path) -> None:
    (folder / "tapgen.toml").write_text("[envs]\na = 1\n")
    with pytest.raises(ConfigurationFaults, match=r"tapgen\.toml:1:1: envs: {'a': 1} is not"):
        find()


def test_a_file_that_cannot_be_read_is_told(folder: Path) -> None:
    (folder / "tapgen.toml").write_bytes(b"\xff")
    with pytest.raises(TapgenError, match=r"^\.\./tapgen\.toml: cannot be read: 'utf-8'"):
        find()


# --- tables of their own --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("tapgen.toml", '[bootstrap]\nrepository = "a/b"\n', 2),
        ("tapgen.toml", 'bootstrap.repository = "a/b"\n', 1),
        ("pyproject.toml", '[tool.tapgen]\n\n[tool.tapgen.bootstrap]\nrepository = "a/b"\n', 4),
        ("pyproject.toml", '[tool.tapgen.bootstrap]\nrepository = "a/b"\n', 2),
    ],
)
def test_what_bootstrap_is_told_stands_in_a_table(
    folder: Path, name: str, text: str, line: int
) -> None:
    (folder / name).write_text(text)
    found = find()
    assert found.values["bootstrap.repository"] == Value("a/b", f"../{name}:{line}")
    assert found["bootstrap.ledger_days"] == 400
    assert found["envs"] == "envs"


def test_faults_in_a_table_have_their_lines(folder: Path) -> None:
    (folder / "tapgen.toml").write_text(
        "[bootstrap]\nrepository = 'no-owner'\nissuer = 'https://a.b'\naudience = ''\n"
        "deploying = 'repo:{repository}:*'\nreviewing = '*'\napprovers = ['alice']\n"
        "ledger_days = 0\nledger_mode = 'forever'\nrepositry = 'a/b'\n"
    )
    with pytest.raises(ConfigurationFaults) as raised:
        find()
    lines = str(raised.value).splitlines()
    assert [line.split(": ")[1] for line in lines] == [
        "bootstrap.repository",
        "bootstrap.issuer",
        "bootstrap.audience",
        "bootstrap.deploying",
        "bootstrap.reviewing",
        "bootstrap.approvers",
        "bootstrap.ledger_days",
        "bootstrap.ledger_mode",
        "bootstrap.repositry",
    ]
    assert lines[0].startswith("../tapgen.toml:2:1: ")
    assert lines[-1].endswith("is not a known key; did you mean bootstrap.repository?")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("repository", "octocat@123456/my-repo@456789"),
        ("repository", "group/sub/project"),
        ("issuer", "ci.example.com/_services/token"),
        ("approvers", ["arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/*/Lead_*"]),
        ("approvers", ["arn:aws:iam::111111111111:user/a", "arn:aws:iam::{account}:role/b"]),
        ("ledger_mode", "compliance"),
    ],
)
def test_other_forms_that_are_right(folder: Path, key: str, value: object) -> None:
    (folder / "tapgen.toml").write_text(f"[bootstrap]\n{key} = {json.dumps(value)}\n")
    assert find()[f"bootstrap.{key}"] == value


def test_a_table_is_no_value(folder: Path) -> None:
    (folder / "tapgen.toml").write_text("bootstrap = 3\n")
    with pytest.raises(ConfigurationFaults, match="1:1: bootstrap: is not a known key"):
        find()

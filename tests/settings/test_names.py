from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tapgen.errors import UsageError
from tapgen.payments.platform import PLATFORM
from tapgen.settings.names import names, refuse_unknown, why_misnamed


def test_stages_come_in_their_order_and_others_after_them(envs: Path) -> None:
    for other in ("qa", "alpha"):
        (envs / f"{other}.yaml").write_text("")
    assert names(envs, PLATFORM.stages) == ["dev", "staging", "prod", "alpha", "qa"]


def test_only_environment_files_count(envs: Path) -> None:
    for other in ("Upper.yaml", "qa.yml", ".hidden.yaml", "notes.txt", "a b.yaml", "-x.yaml"):
        (envs / other).write_text("")
    assert names(envs, PLATFORM.stages) == ["dev", "staging", "prod"]


def test_a_directory_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert names(tmp_path / "nowhere", PLATFORM.stages) == []


def test_completion_imports_neither_yaml_nor_msgspec() -> None:
    code = (
        "import sys, tapgen.settings.names;"
        "print([m for m in ('yaml', 'msgspec', 'difflib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        (
            "prd",
            'there is no environment "prd" in envs',
            "did you mean prod? there are dev, staging, prod",
        ),
        ("qa", 'there is no environment "qa" in envs', "there are dev, staging, prod"),
        (
            "common",
            "no environment may be called common: this file holds what all environments share",
            "there are dev, staging, prod",
        ),
        (
            "deployed",
            (
                "no environment may be called deployed: `tapgen diff --against deployed` has "
                "another meaning"
            ),
            "there are dev, staging, prod",
        ),
        ("dev.yaml", '"dev.yaml" is a file, the environment is dev', "write dev"),
        ("dev.yml", '"dev.yml" is a file, the environment is dev', "write dev"),
        (
            "../dev",
            '"../dev" is not the name of an environment',
            "did you mean dev? there are dev, staging, prod",
        ),
        ("/etc/passwd", '"/etc/passwd" is not the name of an environment', "there are dev, stag"),
        ("", '"" is not the name of an environment', "there are dev, staging, prod"),
        ("dev\n", '"dev\\n" is not the name of an environment', "did you mean dev? there are d"),
        ("\x1b[2J", '"\\x1b[2J" is not the name of an environment', "there are dev, staging"),
    ],
)
def test_an_environment_that_is_not_there_is_answered_with_those_that_are(
    envs: Path, name: str, message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        refuse_unknown(envs, PLATFORM.stages, name)
    assert caught.value.message == message
    assert caught.value.hint.startswith(hint)


def test_a_file_that_is_not_read_is_told_with_the_name_that_it_should_have(envs: Path) -> None:
    (envs / "qa.yml").write_text("")
    with pytest.raises(UsageError) as caught:
        refuse_unknown(envs, PLATFORM.stages, "qa")
    assert caught.value.message == 'there is no environment "qa": envs/qa.yml is not read'
    assert caught.value.hint == "rename it to qa.yaml"


def test_a_common_file_with_another_suffix_is_told_too(envs: Path) -> None:
    (envs / "common.yaml").rename(envs / "common.yml")
    assert why_misnamed(envs / "common.yml")[1] == "rename it to common.yaml"


def test_without_environments_it_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no directory .*nowhere"):
        refuse_unknown(tmp_path / "nowhere", PLATFORM.stages, "dev")
    with pytest.raises(UsageError, match="there are no YAML files in"):
        refuse_unknown(tmp_path, PLATFORM.stages, "dev")
    (tmp_path / "common.yaml").write_text("")
    with pytest.raises(UsageError) as caught:
        refuse_unknown(tmp_path, PLATFORM.stages, "dev")
    assert caught.value.hint == "there are none yet"

"""What comes into a project of one's own touches one file and one line each, and works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tapgen import operations
from tapgen.starters.wishes import Wishes
from tests.paths import ROOT

pytestmark = pytest.mark.slow

ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}


class Owner:
    """Somebody who edits a project; `touched` maps each file to the lines added in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.touched: dict[str, int] = {}

    def write(self, path: str, text: str) -> None:
        """A new file."""
        assert not (self.folder / path).exists(), path
        (self.folder / path).write_text(dedent(text).lstrip("\n"))
        self.touched[path] = text.strip().count("\n") + 1

    def insert(self, path: str, text: str, *, before: str) -> None:
        """Lines in front of the one place where `before` stands."""
        file = self.folder / path
        assert file.read_text().count(before) == 1, f"{path}: {before}"
        file.write_text(file.read_text().replace(before, dedent(text) + before))
        self.touched[path] = self.touched.get(path, 0) + text.count("\n")

    def line(self, path: str, line: str, *, before: str = "") -> None:
        """One line as it is, in front of the one place where `before` stands, or at the end."""
        file = self.folder / path
        text = file.read_text()
        assert not before or text.count(before) == 1, f"{path}: {before}"
        head, _, tail = text.partition(before) if before else (text, "", "")
        file.write_text(f"{head}{line}\n{before}{tail}")
        self.touched[path] = self.touched.get(path, 0) + 1

    def replace(self, path: str, old: str, new: str) -> None:
        """One line for another."""
        file = self.folder / path
        assert file.read_text().count(old) == 1, f"{path}: {old}"
        file.write_text(file.read_text().replace(old, new))
        self.touched[path] = self.touched.get(path, 0) + 1

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tapgen", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Owner:
    folder = tmp_path_factory.mktemp("growing") / "shop"
    operations.init(folder, Wishes("empty", "shop", "eu-west-1", ACCOUNTS))
    return Owner(folder)


# In this order: the rule and the guard are asked about the layer, which has the setting.


def test_a_setting(owner: Owner) -> None:
    """One field in a section there is, and one line with its value."""
    owner.touched = {}
    owner.line(
        "shop_platform/settings.py",
        '    wait_seconds: Annotated[int, whole(Range(60, 1_209_600), "How long a job waits.")]',
        before="\n\nclass OwnSettings(",
    )
    owner.line("envs/common.yaml", "files: { wait_seconds: 3600 }")
    assert owner.touched == {"shop_platform/settings.py": 1, "envs/common.yaml": 1}
    shown = json.loads(owner.run("env", "show", "prod", "--format", "json").stdout)["settings"]
    assert shown["files.wait_seconds"] == {"value": 3600, "source": "envs/common.yaml:6:24"}
    assert "How long a job waits." in owner.run("env", "schema").stdout


def test_a_section(owner: Owner) -> None:
    """A class with its settings and a line for it, and one line with their values."""
    owner.touched = {}
    owner.insert(
        "shop_platform/settings.py",
        """\
        class Jobs(Section, frozen=True):
            \"\"\"The queue of jobs.\"\"\"

            kept_seconds: Annotated[int, whole(Range(60, 1_209_600), "How long a job waits.")]


        """,
        before="class OwnSettings(",
    )
    owner.line("shop_platform/settings.py", "    jobs: Jobs")
    owner.line("envs/common.yaml", "jobs: { kept_seconds: 3600 }")
    assert owner.touched == {"shop_platform/settings.py": 7, "envs/common.yaml": 1}
    shown = json.loads(owner.run("env", "show", "prod", "--format", "json").stdout)["settings"]
    assert shown["jobs.kept_seconds"] == {"value": 3600, "source": "envs/common.yaml:7:23"}


def test_a_layer(owner: Owner) -> None:
    owner.touched = {}
    owner.write(
        "shop_platform/layers/jobs.py",
        '''
        """The jobs layer: a queue."""

        from troposphere import Sub
        from troposphere.sqs import Queue

        from tapgen.model.limits import Range
        from tapgen.render.blueprint import Blueprint
        from tapgen.render.retained import RETAINED


        def build() -> Blueprint:
            """The queue."""
            blueprint = Blueprint("jobs", "A queue of jobs.")
            blueprint.prefix()
            seconds = blueprint.number(
                "KeptSeconds", "jobs.kept_seconds", "How long a job waits.", Range(60, 1_209_600)
            )
            blueprint.add(
                Queue(
                    "Jobs",
                    QueueName=Sub("${Prefix}-jobs"),
                    MessageRetentionPeriod=seconds,
                    **RETAINED,
                )
            )
            return blueprint.finish()
        ''',
    )
    owner.insert(
        "shop_platform/platform.py",
        '    Layer("jobs", "A queue of jobs"),\n',
        before=")\n\nPLATFORM",
    )
    assert len(owner.touched) == 2
    assert owner.touched["shop_platform/platform.py"] == 1
    assert owner.run("render").returncode == 0
    queue = json.loads((owner.folder / "templates_out" / "jobs.json").read_text())
    assert queue["Resources"]["Jobs"]["Type"] == "AWS::SQS::Queue"
    stack = json.loads((owner.folder / "templates_out" / "prod" / "jobs.json").read_text())
    assert stack["Parameters"]["KeptSeconds"] == "3600"


def test_a_rule(owner: Owner) -> None:
    owner.touched = {}
    rules = "shop_platform/rules.py"
    owner.replace(rules, "import Rules\n", "import Problem, Problems, Rule, Rules, resources\n")
    owner.insert(
        rules,
        """\
        def dead_letters(template: Template) -> Problems:
            \"\"\"A queue gives up, and keeps what it gave up.\"\"\"
            for path, properties in resources(template, "AWS::SQS::Queue"):
                if "RedrivePolicy" not in properties:
                    yield Problem(path, "has no dead-letter queue")


        """,
        before="RULES: Final",
    )
    file = owner.folder / rules
    text = file.read_text().replace(
        "\nfrom tapgen.review", "\nfrom tapgen.model.templates.template import Template\n"
        "from tapgen.review"
    )  # fmt: skip
    file.write_text(text)
    owner.replace(
        rules,
        "RULES: Final = Rules(templates=(), stacks=())",
        'RULES: Final = Rules(templates=(Rule("S001", "dead-letters", dead_letters),))',
    )
    assert list(owner.touched) == [rules]
    found = json.loads(owner.run("lint", "--format", "json").stdout)["findings"]
    assert {"has no dead-letter queue"} == {
        one["message"] for one in found if one["rule"] == "S001"
    }


def test_a_guard(owner: Owner) -> None:
    owner.touched = {}
    guards = "shop_platform/guards.py"
    owner.replace(
        guards,
        "import Guard\n",
        "import Guard, Subject\nfrom tapgen.errors import RefusedError\n",
    )
    owner.insert(
        guards,
        """\
        def freeze(subject: Subject) -> tuple[str, ...]:
            \"\"\"Nothing is deployed while the shop is closed.\"\"\"
            if "jobs" in subject.layers:
                raise RefusedError("the shop is closed", "Wait until it opens.")
            return ()


        """,
        before="GUARDS: Final",
    )
    owner.replace(
        guards,
        "GUARDS: Final[tuple[Guard, ...]] = ()",
        'GUARDS: Final = (Guard("freeze", freeze),)',
    )
    assert list(owner.touched) == [guards]
    try:
        ran = owner.run("deploy", "dev", "--local", "--yes")
        assert (ran.returncode, "the shop is closed" in ran.stderr) == (4, True)
        ran = owner.run("deploy", "dev", "--layer", "files", "--local", "--yes")
        assert ran.returncode == 0, ran.stderr
    finally:
        assert owner.run("local", "stop").returncode == 0

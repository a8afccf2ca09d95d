"""What somebody who comes new has to touch: each change of CONTRIBUTING.md, made in a copy.

The files that are edited by hand are counted, and are those that CONTRIBUTING.md names. Then the
copy shows that each change works: by what commands print, and by its tests.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any, Final

import pytest

from tests.documents import table
from tests.paths import ROOT

pytestmark = pytest.mark.slow

# What is in the folder and not of the repository.
LEFT_OUT: Final = shutil.ignore_patterns(
    *(".git", ".venv*", ".tapgen", ".bench", ".policy", ".hypothesis", ".coverage*", ".*_cache"),
    *("__pycache__", "*.egg-info", "build", "dist", "cfn-outputs"),
)


class Newcomer:
    """Somebody who edits a copy of the repository; `touched` are the files of the last change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.touched: set[str] = set()

    def write(self, path: str, text: str) -> None:
        """A new file."""
        assert not (self.folder / path).exists(), path
        (self.folder / path).write_text(dedent(text).lstrip("\n"))
        self.touched.add(path)

    def insert(self, path: str, text: str, *, before: str) -> None:
        """Lines in front of the last place where `before` stands."""
        target = self.folder / path
        start, found, rest = target.read_text().rpartition(before)
        assert found, f"{path} has no {before!r}"
        target.write_text(f"{start}{text}{found}{rest}")
        self.touched.add(path)

    def append(self, path: str, text: str) -> None:
        """Lines at the end."""
        with (self.folder / path).open("a") as file:
            file.write(text)
        self.touched.add(path)

    def run(self, *arguments: str) -> str:
        """Run a module of the copy; its output."""
        measured = ("COVERAGE", "COV_")  # whoever measures the suite measures no copy
        environment = {n: v for n, v in os.environ.items() if not n.startswith(measured)}
        ran = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=self.folder,
            env={**environment, "PYTHONPATH": str(self.folder), "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
        return ran.stdout


# --- the changes ----------------------------------------------------------------------------------


def add_an_environment(newcomer: Newcomer) -> None:
    dev = (ROOT / "envs" / "dev.yaml").read_text()
    qa = dev.replace("name: dev", "name: qa").replace("111111111111", "444444444444")
    newcomer.write("envs/qa.yaml", qa.replace("dev.api.", "qa.api.").replace("10.10.", "10.40."))


def add_a_layer(newcomer: Newcomer) -> None:
    newcomer.write(
        "tapgen/payments/layers/backlog.py",
        '''
        """The backlog layer: somebody sees when dead letters pile up."""

        from __future__ import annotations

        from troposphere.cloudwatch import Alarm, MetricDimension

        from tapgen.payments.layers.blueprint import Blueprint


        def build() -> Blueprint:
            """One alarm."""
            blueprint = Blueprint("backlog", "An alarm on dead letters that pile up.")
            queue = blueprint.input(
                "PaymentProcessorDlqName", "Name of the queue.", pattern=r"^[A-Za-z0-9_-]{1,80}$"
            )
            blueprint.add(
                Alarm(
                    "BacklogAlarm",
                    AlarmDescription="Dead letters pile up.",
                    Namespace="AWS/SQS",
                    MetricName="ApproximateNumberOfMessagesVisible",
                    Dimensions=[MetricDimension(Name="QueueName", Value=queue)],
                    Statistic="Maximum",
                    Period=300,
                    EvaluationPeriods=3,
                    Threshold=100,
                    ComparisonOperator="GreaterThanOrEqualToThreshold",
                )
            )
            return blueprint.finish()
        ''',
    )
    newcomer.insert(
        "tapgen/payments/layers/registry.py",
        """\
    Layer(
        "backlog",
        "An alarm on dead letters that pile up",
        inputs=outputs_of("compute", "PaymentProcessorDlqName"),
    ),
""",
        before=")\n",
    )
    newcomer.write(
        "tests/payments/layers/test_backlog.py",
        """
        from collections.abc import Callable
        from typing import Any


        def test_the_alarm_looks_at_the_dead_letters(template: Callable[[str], Any]) -> None:
            (alarm,) = template("backlog")["Resources"].values()
            (dimension,) = alarm["Properties"]["Dimensions"]
            assert dimension["Value"] == {"Ref": "PaymentProcessorDlqName"}
        """,
    )
    newcomer.insert(
        "docs/platform.md",
        "**backlog** — One alarm on the dead letters of payment-processor that pile up.\n\n",
        before="## Guarantees of the functions",
    )


def add_a_setting(newcomer: Newcomer) -> None:
    newcomer.insert(
        "tapgen/payments/settings.py",
        """\
    backlog_messages: Annotated[
        int, whole(limits.ALARM_COUNT, "Dead letters that have piled up.", varies=True)
    ]
""",
        before="    function_errors: Annotated[",
    )
    newcomer.insert("envs/common.yaml", "  backlog_messages: 42\n", before="  function_errors:")
    layer = "tapgen/payments/layers/backlog.py"
    newcomer.insert(
        layer,
        """\
            Threshold=blueprint.number(
                "BacklogMessages",
                "alarms.backlog_messages",
                "Dead letters that have piled up.",
                ALARM_COUNT,
            ),
""",
        before="            Threshold=100,\n",
    )
    text = (newcomer.folder / layer).read_text().replace("            Threshold=100,\n", "")
    (newcomer.folder / layer).write_text(text)
    newcomer.insert(
        layer,
        "from tapgen.payments.limits import ALARM_COUNT\n",
        before="\n\ndef build()",
    )


def add_a_rule(newcomer: Newcomer) -> None:
    rules = "tapgen/payments/rules.py"
    newcomer.insert(
        rules,
        '''\
def told_alarm(template: Template) -> Problems:
    """An alarm tells somebody."""
    for path, properties in resources(template, "AWS::CloudWatch::Alarm"):
        if not properties.get("AlarmActions"):
            yield Problem(path, "tells nobody")


''',
        before="RULES: Final",
    )
    newcomer.insert(rules, '        Rule("T090", "told-alarm", told_alarm),\n', before="    ),\n)")
    newcomer.write("tapgen/payments/explained/T090.md", "An alarm that tells nobody is none.")
    newcomer.append(
        "tests/payments/test_rules.py",
        """

def test_an_alarm_that_tells_nobody_is_found() -> None:
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {}}
    (problem,) = rules.told_alarm(template(Resources={"Lonely": alarm}))
    assert problem.path == ("Resources", "Lonely")
""",
    )


def add_a_guard(newcomer: Newcomer) -> None:
    newcomer.write(
        "tapgen/payments/guards/freeze.py",
        '''
        """The guard of the freeze: the backlog is not touched where payments are tried out."""

        from __future__ import annotations

        from tapgen.deploy.guards.guard import Subject
        from tapgen.errors import RefusedError


        def check_freeze(subject: Subject) -> tuple[str, ...]:
            """Raise `RefusedError` where the layer would be deployed to qa."""
            if subject.target.environment == "qa" and "backlog" in subject.layers:
                raise RefusedError("qa has no backlog", "Name other layers with --layer.")
            return ()
        ''',
    )
    registry = "tapgen/payments/guards/registry.py"
    newcomer.insert(
        registry,
        "from tapgen.payments.guards.freeze import check_freeze\n",
        before="from tapgen.payments.guards.rotation",
    )
    newcomer.insert(registry, '    Guard("freeze", check_freeze),\n', before=")\n")
    newcomer.write(
        "tests/payments/guards/test_freeze.py",
        """
        from tapgen.deploy.guards.guard import Subject, asked
        from tapgen.project import Project
        from tests.paths import ROOT


        def test_the_backlog_of_qa_is_frozen() -> None:
            target = Project(envs=ROOT / "envs").target("qa")
            _, (refusal,) = asked(Subject(target, ["backlog"]))
            assert refusal.reason == "qa has no backlog"
            assert asked(Subject(target, ["network"])) == ((), ())
        """,
    )


def add_a_command(newcomer: Newcomer) -> None:
    newcomer.insert(
        "tapgen/operations/rendering.py",
        '''\
def stacks(project: Project, environment: str) -> tuple[str, ...]:
    """List the names of the stacks of an environment.

    - `project`: whose environment it is.
    - `environment`: its name.

    Returns their names, in dependency order.

    Raises `EnvironmentFaults` where the settings are wrong.
    """
    rendered = project.rendered(project.environments([environment]))
    return tuple(stack.name for stack in rendered.stacks[environment])


''',
        before="def render_resolved(",
    )
    public = "tapgen/operations/__init__.py"
    newcomer.insert(public, '    "stacks",\n', before='    "status",\n')
    newcomer.insert(public, '    "stacks": f"{__name__}.rendering",\n', before="}\n")
    newcomer.write(
        "tapgen/cli/commands/look/stacks.py",
        '''
        """`tapgen stacks`."""

        from __future__ import annotations

        import click

        from tapgen.cli import options
        from tapgen.cli.invocation import Invocation
        from tapgen.cli.terminal import echo


        @click.command()
        @options.environment(looks=True)
        @options.shared
        @click.pass_obj
        def command(invocation: Invocation, name: str) -> None:
            """Show what the stacks of an environment are called."""
            from tapgen.operations.rendering import stacks

            echo("\\n".join(stacks(invocation.project, name)))
        ''',
    )
    newcomer.insert(
        "tapgen/cli/main.py",
        '    "stacks": Entry(_LOOK, "Show what the stacks of an environment are called."),\n',
        before='    "watch": Entry(',
    )
    newcomer.write(
        "tests/cli/commands/look/test_stacks_command.py",
        """
        from pathlib import Path
        from typing import Any


        def test_every_layer_has_a_stack(project: Path, tapgen: Any) -> None:
            ran = tapgen("stacks", "--env", "dev")
            assert ran.out.splitlines()[0] == "payments-dev-network"
        """,
    )


# What it is called in docs/architecture.md -> how it is made, and where CONTRIBUTING.md tells it.
CHANGES: Final = {
    "an environment": (add_an_environment, "Add an environment"),
    "a layer": (add_a_layer, "Add a layer"),
    "a setting": (add_a_setting, "Add a setting"),
    "a rule": (add_a_rule, "Add a rule, accept a finding"),
    "a guard": (add_a_guard, "Add a guard"),
    "a command": (add_a_command, "Add a command"),
}

# --- what the copy shows --------------------------------------------------------------------------

# Runs in the copy, with its code: what each command prints, and the generated parts of documents.
SHOW: Final = """
import contextlib, io, json, os
from pathlib import Path

from tapgen.cli.main import main
from tapgen.project import Project
from tests import test_platform_page
from tests.operations import test_public_api
from tests.security import test_document


def tapgen(*arguments):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as end:
            return end.code, out.getvalue()


shown = {
    "render": tapgen("render"),
    "lint": tapgen("lint", "--format", "json"),
    "help": tapgen("--help"),
    "show": tapgen("env", "show", "--env", "qa"),
    "stacks": tapgen("stacks", "--env", "qa"),
    "schema": tapgen("env", "schema"),
}
Path("envs/settings.schema.json").write_text(shown.pop("schema")[1])
os.environ["TAPGEN_UPDATE_GOLDEN"] = "1"
with contextlib.suppress(AssertionError):
    test_platform_page.test_the_tables_are_current()
with contextlib.suppress(AssertionError):
    test_public_api.test_the_table_of_functions_is_current()
with contextlib.suppress(AssertionError):
    project = Project()
    test_document.test_the_generated_parts_are_current(project.rendered(project.environments()))
print(json.dumps(shown))
"""


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    folder = tmp_path_factory.mktemp("newcomer") / "copy"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    return Newcomer(folder)


@pytest.fixture(scope="module")
def touched(newcomer: Newcomer) -> dict[str, set[str]]:
    """Change -> the files that were edited for it."""
    found = {}
    for name, (change, _) in CHANGES.items():
        newcomer.touched = set()
        change(newcomer)
        found[name] = newcomer.touched
    return found


@pytest.fixture(scope="module")
def shown(newcomer: Newcomer, touched: dict[str, set[str]]) -> dict[str, Any]:
    assert touched
    newcomer.touched = set()
    newcomer.write("show.py", SHOW)
    found: dict[str, Any] = json.loads(newcomer.run("show").splitlines()[-1])
    (newcomer.folder / "show.py").unlink()
    return found


def asked(section: str) -> Iterator[re.Pattern[str]]:
    """Patterns of the files that a section of CONTRIBUTING.md names."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    (steps,) = re.findall(rf"^## {section}\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    for path in re.findall(r"`([\w/<>]+(?:\.\w+|/))`", steps):
        file = re.sub(r"/$", "/<name>.py", path)  # a module of a folder
        yield re.compile(re.sub(r"<\w+>", r"\\w+", file))


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_touches_the_files_that_are_named(
    touched: dict[str, set[str]], change: str
) -> None:
    rows = table((ROOT / "docs" / "architecture.md").read_text(), "change", "files")
    assert {row[0]: int(row[1]) for row in rows}[change] == len(touched[change])
    named = [*asked(CHANGES[change][1])]
    unnamed = {path for path in touched[change] if not any(one.fullmatch(path) for one in named)}
    assert not unnamed


def test_every_change_is_made() -> None:
    rows = table((ROOT / "docs" / "architecture.md").read_text(), "change", "files")
    assert {row[0] for row in rows} == CHANGES.keys()


def test_each_change_works(newcomer: Newcomer, shown: dict[str, Any]) -> None:
    assert shown["render"][0] == 0
    template = json.loads((newcomer.folder / "templates_out" / "backlog.json").read_text())
    assert template["Parameters"]["BacklogMessages"]["MaxValue"]
    stack = json.loads((newcomer.folder / "templates_out" / "qa" / "backlog.json").read_text())
    assert stack["Parameters"]["BacklogMessages"] == "42"
    code, printed = shown["lint"]
    assert code == 3
    findings = json.loads(printed)["findings"]
    assert {one["rule"] for one in findings} == {"T090"}
    asked = ("PaymentProcessorRolloutAlarm", "SessionManagerRolloutAlarm")  # by CodeDeploy
    assert [one["layer"] for one in findings if one["logical_id"] not in asked] == ["backlog"]
    assert re.search(r"^  stacks +Show what the stacks", shown["help"][1], re.MULTILINE)
    assert re.search(r"^alarms\.backlog_messages +42 +envs/common", shown["show"][1], re.MULTILINE)
    code, printed = shown["stacks"]
    assert (code, printed.splitlines()[-1]) == (0, "payments-qa-backlog")


def test_its_tests_and_those_of_the_house_are_content(
    newcomer: Newcomer, shown: dict[str, Any]
) -> None:
    assert shown
    planted = ("payments/layers/test_backlog.py", "payments/guards/test_freeze.py")
    house = ("test_architecture.py", "test_platform_page.py", "test_doc_tables.py")
    more = ("test_citations.py", "operations/test_public_api.py", "security/test_document.py")
    commands = ("cli/commands/look/test_stacks_command.py", "payments/test_rules.py")
    chosen = [f"tests/{name}" for name in (*planted, *house, *more, *commands)]
    # It shows how many layers there are, as documents do that CONTRIBUTING.md speaks of.
    counting = "tests/test_doc_tables.py::test_a_line_names_its_environment_as_it_is_shown"
    options = ("-q", "-m", "not slow", "-p", "no:cacheprovider", f"--deselect={counting}")
    told = newcomer.run("pytest", *options, *chosen)
    assert re.search(r"^\d{3,} passed", told, re.MULTILINE)

"""Lists in the documents are complete, and what they show without running it is so."""

from __future__ import annotations

import json
import re
import shutil
from configparser import ConfigParser, SectionProxy
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import pytest
import yaml
from botocore.exceptions import ClientError

from benchmarks import results
from benchmarks.peers import results as peers
from tapgen import errors
from tapgen.aws.permission import advice
from tapgen.cli import options
from tapgen.cli.boundary import BUG, INTERRUPTED
from tapgen.cli.main import COMMANDS, module_of
from tapgen.cli.views.runs.ends import show_outcomes
from tapgen.cli.views.runs.showing import progress
from tapgen.configuration import KEYS, find
from tapgen.deploy.bootstrap.placement import ledger_of
from tapgen.deploy.flow.events import EnvironmentEnded, Finished, Started, Within
from tapgen.deploy.target.lock import describe
from tapgen.local.client import LocalAws, inject
from tapgen.model.approval import approval_in, signed_text
from tapgen.model.deployed.events import Created
from tapgen.model.layer import Layer
from tapgen.payments.layers.parts.api.routes import ROUTES
from tapgen.payments.layers.registry import LAYERS
from tapgen.payments.platform import PLATFORM
from tapgen.payments.settings import PaymentsSettings
from tapgen.review.diff.effect import Effect
from tapgen.settings.fields import fields
from tapgen.settings.store import load_all
from tests.documents import DOCUMENTS, blocks, prose, spans, table
from tests.paths import ROOT

if TYPE_CHECKING:
    from tapgen.render.rendering import Rendered

DOCS: Final = ROOT / "docs"


def read(name: str) -> str:
    return (DOCS / name).read_text()


def command(name: str) -> click.Command:
    found = import_module(module_of(name)).command
    assert isinstance(found, click.Command)
    return found


def flags(of: click.Command) -> set[str]:
    """The long names of a command's options."""
    return {name for one in of.params for name in one.opts if name.startswith("--")}


def flags_of(*decorators: Any) -> set[str]:
    """The options that a decorator of `tapgen.cli.options` adds."""

    def nothing() -> None: ...

    for decorate in decorators:
        nothing = decorate(nothing)
    return flags(click.command(nothing))


def choices(of: str, flag: str) -> set[str]:
    (found,) = (one.type for one in command(of).params if flag in one.opts)
    assert isinstance(found, click.Choice)
    return set(found.choices)


def column(text: str, *headings: str) -> list[str]:
    """The cells of a table's first column."""
    return [row[0] for row in table(text, *headings)]


def named_in(cells: list[str]) -> set[str]:
    return {span for cell in cells for span in spans(cell)}


# --- commands -----------------------------------------------------------------------------------


def test_every_command_is_in_a_document() -> None:
    text = "\n".join(path.read_text() for path in DOCUMENTS)
    assert [name for name in COMMANDS if not re.search(rf"\btapgen {name}\b", text)] == []


def test_every_exit_code_is_explained() -> None:
    own = {one.exit_code for one in vars(errors).values() if hasattr(one, "exit_code")}
    codes = {0, 3, click.UsageError.exit_code, BUG, INTERRUPTED, *own}
    assert {int(code) for code, _ in table(read("architecture.md"), "code")} == codes
    (sentence,) = re.findall(r"Exit codes: ([^.]*)\.", prose((ROOT / "README.md").read_text()))
    assert {int(code) for code in re.findall(r"\b\d+\b", sentence)} == codes


def test_every_option_of_the_report_is_explained() -> None:
    shown = {span.split()[0] for span in named_in(column(read("review.md"), "option", "does"))}
    assert shown == flags(command("report")) - flags_of(options.aws, options.shared)


def test_every_limit_of_diff_is_explained() -> None:
    (sentence,) = re.findall(r"`--fail-on` sets a limit: ([^.]*)\.", read("review.md"))
    assert set(spans(sentence)) == choices("diff", "--fail-on")


def test_every_form_of_a_difference_is_explained() -> None:
    (sentence,) = re.findall(
        r"^`--format (markdown` is that comment.*?)\n\n",
        read("review.md"),
        re.MULTILINE | re.DOTALL,
    )
    assert {*spans(f"`{sentence}"), "text"} == choices("diff", "--format")


def test_every_task_of_a_policy_is_explained_with_the_commands_it_is_for() -> None:
    rows = table(read("permissions.md"), "for", "who", "may")
    assert {spans(task)[0] for task, *_ in rows} == choices("iam-policy", "--for")
    asking = {name for name in COMMANDS if flags_of(options.aws) <= flags(command(name))}
    # An administrator prepares accounts: no generated policy is for that.
    asking -= {"bootstrap"}
    assert {span.split()[0] for span in named_in([who for _, who, _ in rows])} >= asking


# --- the manual ---------------------------------------------------------------------------------


def test_every_page_is_in_the_index() -> None:
    """A page is found from docs/index.md by links alone: it is the navigation of the site too."""
    found = {DOCS / "index.md"}
    while pages := {link for page in found for link in linked(page)} - found:
        found |= pages
    assert {path.name for path in DOCS.rglob("*.md") if path not in found} == set()


def linked(page: Path) -> set[Path]:
    """The pages that a page names in lists and in the first columns of tables."""
    names = re.findall(
        r"^(?:- |\| \d+ \| )\[[^]]+\]\(([\w/-]+\.md)\)", page.read_text(), re.MULTILINE
    )
    return {page.parent / name for name in names}


# --- settings -----------------------------------------------------------------------------------


def test_every_way_to_carry_a_deployment_out_is_in_the_table_or_on_a_page_of_its_own() -> None:
    rows = table(read("safety.md"), "option", "setting", "does")
    assert {span.split()[0] for span in named_in([row[0] for row in rows])} == flags_of(
        options.operation
    )
    elsewhere = {
        "deployment.ledger": "history.md",
        "deployment.notify": "notifications.md",
        "deployment.approvals": "approvals.md",
        "deployment.approval_hours": "approvals.md",
        "deployment.permission_boundary": "permissions.md",
        "deployment.promoted_from": "promotion.md",
    }
    sections = ("deployment", "timeout_minutes", "certificate")
    layers = {f"timeout_minutes.{layer.name}" for layer in LAYERS}
    known = {name for name in fields(PLATFORM) if name.startswith(sections)} - layers
    shown = named_in([row[1] for row in rows]) - {"timeout_minutes.<layer>"}
    assert shown | elsewhere.keys() == known
    for name, page in elsewhere.items():
        assert name.rpartition(".")[2] in read(page)


def test_every_setting_that_is_the_same_everywhere_is_named() -> None:
    rows = table(
        read("environments.md"), "may have a value of its own", "must be the same everywhere"
    )
    shown = named_in([same for _, same in rows])
    assert shown == {
        name.rpartition(".")[2] for name, field in fields(PLATFORM).items() if not field.varies
    }


def test_every_variable_of_the_program_and_its_tests_is_explained() -> None:
    read_somewhere = {
        name
        for folder in ("tapgen", "tests")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"\bTAPGEN_[A-Z]+(?:_[A-Z]+)*\b", path.read_text())
    }
    text = (ROOT / "CONTRIBUTING.md").read_text()
    assert named_in(column(text, "variable", "does")) == read_somewhere


# --- what is modelled ---------------------------------------------------------------------------


def test_every_effect_is_explained_from_the_worst_to_the_best() -> None:
    predicted = [effect for effect in Effect if effect is not Effect.DIFFERS]
    assert column(read("review.md"), "effect", "means") == [
        effect.label.partition(":")[0] for effect in predicted
    ]


def test_every_operation_of_the_api_is_in_the_table_with_its_scope() -> None:
    shown = {
        operation: spans(scope)
        for operations, scope in table(read("callers.md"), "operation", "scope")
        for operation in spans(operations)
    }
    assert shown == {
        f"{route.verb} {route.path}": [route.scope] if route.scope else [] for route in ROUTES
    }


def test_every_type_that_the_local_aws_adds_is_named() -> None:
    from tapgen.local import internals
    from tapgen.local.provisioner import Provisioner
    from tapgen.local.resources import SERVICES

    _, _, rest = read("local-aws.md").partition("MiniStack refuses these types;")
    shown: set[str] = set()
    for line in rest.split("\n\n")[1].splitlines():
        service, names = line.removeprefix("- ").partition(", with ")[0].split(" ", 1)
        shown |= {f"AWS::{service}::{name}" for name in re.split(r", | and ", names)}
    added = {
        one.type
        for service in SERVICES
        for one in service.PROVISIONERS
        if isinstance(one, Provisioner) and one.type not in internals.HANDLERS
    }
    assert shown == added


def test_every_type_that_cloud_control_serves_locally_is_named() -> None:
    from tapgen.local.services.live_resources import LIVE

    (paragraph,) = (one for one in read("local-aws.md").split("\n\n") if "Cloud Control (" in one)
    assert set(re.findall(r"AWS::\w+::\w+", paragraph)) == LIVE.keys()


def test_every_reader_is_named_with_what_it_is_kept_for(rendered: Rendered) -> None:
    """By the first reason that holds; those that code decides are compared with it."""
    from tapgen.aws.errors import UnableError
    from tapgen.aws.readers.registry import READERS
    from tapgen.aws.resources.cloud_control import identifier_of
    from tapgen.deploy.observe.expectations import expected
    from tapgen.review.schemas import handles, resource_schema

    # What Ref gives, where that is not one id or ARN.
    physical = {
        "AWS::EC2::Route": "rtb-1|0.0.0.0/0",
        "AWS::EC2::VPCGatewayAttachment": "IGW|vpc-1",
        "AWS::Route53::RecordSet": "a-Name",
        "AWS::WAFv2::WebACL": "name|id|REGIONAL",
    }

    def identified(kind: str) -> bool:
        written = next(one for one in resources if one["Type"] == kind).get("Properties", {})
        declared = {name: f"a-{name}" for name in written}
        try:
            return bool(identifier_of(kind, physical.get(kind, "arn:id"), declared))
        except UnableError:
            return False

    _, _, text = read("resource-types.md").partition("## What readers are kept for")
    rows = table(text, "Cloud Control does not", "for")
    named = [set(re.findall(r"AWS::\w+::\w+", types)) for _, types in rows]
    assert sorted(kind for row in named for kind in row) == sorted(READERS)
    resources = [
        one for template in rendered.templates.values() for one in template.resources.values()
    ]
    unread, unidentified, stateful, closed, untold, _, _ = named
    assert unread == {kind for kind in READERS if not handles(kind, "read")}
    assert unidentified == {kind for kind in READERS if not identified(kind)} - unread
    logging = {"MethodSettings": [{"LoggingLevel": "INFO"}]}
    all_of = {kind: {"Type": kind, "Properties": logging} for kind in READERS}
    meant = {kind for kind, one in all_of.items() if expected(one, all_of, rendered.code)}
    assert stateful == meant - unread - unidentified
    before = unread | unidentified | stateful
    assert closed == {kind for kind, one in READERS.items() if one.closed} - before
    for kind in untold:
        hidden = {path.split("/")[2] for path in resource_schema(kind)["writeOnlyProperties"]}
        declared = [one.get("Properties", {}) for one in resources if one["Type"] == kind]
        assert any(hidden & one.keys() for one in declared), kind


def contracts() -> dict[str, SectionProxy]:
    """The contracts between modules, by name."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    prefix = "importlinter:contract:"
    return {s.removeprefix(prefix): setup[s] for s in setup if s.startswith(prefix)}


def folders(of: Path) -> set[str]:
    return {path.parent.name for path in of.glob("*/__init__.py")}


def test_every_room_is_described() -> None:
    modules = {path.stem for path in (ROOT / "tapgen").glob("*.py")} - {"__init__", "__main__"}
    rooms = column(read("architecture.md"), "room", "holds", "never")
    assert named_in(rooms) == folders(ROOT / "tapgen") | modules
    groups = column(read("architecture.md"), "group", "holds")
    assert named_in(groups) == folders(ROOT / "tapgen" / "deploy")


def test_the_direction_of_imports_is_that_of_the_contract() -> None:
    (shown,) = (block for block in blocks(read("architecture.md")) if "->" in block)
    assert shown.strip().split(" -> ") == contracts()["layers"]["layers"].strip().splitlines()


def test_every_library_that_is_fenced_in_is_named_with_its_fence() -> None:
    fences = {
        tuple(one["protected_modules"].split()): set(one["allowed_importers"].split())
        for one in contracts().values()
        if one["type"] == "protected" and "tapgen" not in one["protected_modules"]
    }
    rows = table(read("architecture.md"), "library", "only in")
    assert {tuple(names.split(", ")): set(spans(where)) for names, where in rows} == fences


def test_a_layer_is_shown_with_its_fields() -> None:
    assert f"Layer({', '.join(Layer._fields)})" in spans(read("architecture.md"))


def test_classes_that_the_architecture_names_are_there() -> None:
    code = "".join(path.read_text() for path in (ROOT / "tapgen").rglob("*.py"))
    names = {span.partition("(")[0] for span in spans(read("architecture.md"))}
    classes = {name for name in names if re.fullmatch(r"[A-Z][a-z]+(?:[A-Z][a-z]+)*", name)}
    # Words of CloudFormation and of tapgen's metadata.
    missing = {name for name in classes if not re.search(rf"^class {name}\b", code, re.MULTILINE)}
    assert missing == {"DeletionPolicy", "RetainExceptOnCreate"} & classes
    assert "Stack" in classes


# --- what is shown but not run ------------------------------------------------------------------

# Language -> pages whose blocks a test below tries; docs/python.md has a test module of its own,
# and docs/parts-of-your-own.md those of tests/own.
TRIED: Final = {
    "yaml": {
        "approvals.md",
        "notifications.md",
        "origin.md",
        "parts-of-your-own.md",
        "promotion.md",
        "releases.md",
    },
    "toml": {"bootstrap.md", "configuration.md", "parts-of-your-own.md"},
    "json": {"approvals.md"},
    "ini": {"approvals.md"},
    "python": {"local-aws.md", "parts-of-your-own.md", "python.md", "security.md"},
}
# How a block without a language begins -> who looks at it.
LOOKED_AT: Final = {
    **dict.fromkeys(("aws", "make", "tapgen"), "tests/test_doc_names.py"),
    **dict.fromkeys(("error:", "10:41:07", '{"version":', "cli"), "a test below or above"),
    "TAPGEN_FAULT_RUNS=200": "the table of variables",
    '@fact(documented("https://docs.aws.amazon.com/..."),': "tests/behaviour is full of them",
    "Differs": "tests/cli/views/live/test_behaviour_view.py",
    "Prices": "tests/cli/commands/write/test_cost_refresh.py",
    "curl": "nobody: it needs a user pool of AWS",
    "pipx": "tests/test_packaging.py, less the tools that install",
}


def test_every_block_is_run_or_tried_or_looked_at() -> None:
    for path in DOCUMENTS:
        text = path.read_text()
        # What the reader writes into a file is run with the commands that use it.
        labels = re.findall(r"^```(\w+)\n(?!# file: )", text, re.MULTILINE)
        tried = {label for label, pages in TRIED.items() if path.name in pages}
        assert set(labels) - {"console"} == tried, path.name
        begins = {block.split()[0] for block in blocks(text)}
        assert begins <= LOOKED_AT.keys(), path.name


@pytest.mark.parametrize("block", blocks(read("notifications.md"), "yaml"))
def test_who_is_told_is_a_setting(tmp_path: Path, block: str) -> None:
    settings = prod_with(tmp_path, block)
    assert settings.deployment.notify == yaml.safe_load(block)["deployment"]["notify"]


def test_a_rotation_and_a_promotion_are_settings(tmp_path: Path) -> None:
    shown = [*blocks(read("origin.md"), "yaml"), *blocks(read("promotion.md"), "yaml")]
    settings = prod_with(tmp_path, *shown)
    assert settings.api.origin_secret_generation == 2
    assert settings.deployment.promoted_from == "staging"


def prod_with(folder: Path, *shown: str) -> PaymentsSettings:
    """The settings of prod with what pages show written into them."""
    shutil.copytree(ROOT / "envs", folder / "envs")
    prod = folder / "envs" / "prod.yaml"
    document = yaml.safe_load(prod.read_text())
    for block in shown:
        for section, values in yaml.safe_load(block).items():
            document[section] = {**document.get(section, {}), **values}
    prod.write_text(yaml.safe_dump(document))
    (settings,) = (one.settings for one in load_all(folder / "envs", PLATFORM, ["prod"]))
    assert isinstance(settings, PaymentsSettings)
    return settings


def test_an_approval_its_settings_and_its_profile_are_what_they_are_shown_as(
    tmp_path: Path,
) -> None:
    page = read("approvals.md")
    shutil.copytree(ROOT / "envs", tmp_path / "envs")
    (shown,) = blocks(page, "yaml")
    prod = tmp_path / "envs" / "prod.yaml"
    prod.write_text(f"{prod.read_text()}\n{shown}")
    (found,) = load_all(tmp_path / "envs", PLATFORM, ["prod"])
    assert (found.settings.deployment.approvals, found.settings.deployment.ledger) == (
        2,
        ledger_of(found),
    )
    (shown,) = blocks(page, "json")
    signed = approval_in(json.loads(shown))
    assert signed_text(signed.approval).startswith(b'{"account_id":"333333333333",')
    (shown,) = blocks(page, "ini")
    profile = ConfigParser()
    profile.read_string(shown)
    assert signed.approval.approver.split("/")[1] in profile["profile approve-prod"]["role_arn"]


def test_a_configuration_is_one(tmp_path: Path) -> None:
    (shown,) = blocks(read("configuration.md"), "toml")
    (tmp_path / "pyproject.toml").write_text(shown)
    found = find(tmp_path)
    own = [name for name in KEYS if "." not in name]
    assert {name for name, value in found.values.items() if value.origin != "default"} == {*own}
    rows = table(read("configuration.md"), "key", "what it is", "by default", "variable")
    assert [row[0].strip("`") for row in rows] == own
    assert [row[3].strip("`") for row in rows] == [KEYS[name].variable for name in own]


def test_what_bootstrap_is_told_is_told_of(tmp_path: Path) -> None:
    rows = table(read("bootstrap.md"), "key", "what it is", "by default")
    told = {row[0].strip("`"): row[2].strip("`") for row in rows}
    assert sorted(told) == sorted(name for name in KEYS if name.startswith("bootstrap."))
    literal = {name: str(KEYS[name].default) for name in told if KEYS[name].default}
    literal["bootstrap.issuer"] = "GitHub's"
    assert {name: told[name] for name in literal} == literal
    for shown in blocks(read("bootstrap.md"), "toml"):
        (tmp_path / "pyproject.toml").write_text(shown)
        assert find(tmp_path)["bootstrap.repository"].endswith("/payments")


def test_an_acceptance_is_one_of_the_templates() -> None:
    (shown,) = blocks(read("security.md"), "python")
    accepted = import_module("tapgen.render.accepted")
    names: dict[str, Any] = {"accepted": accepted.accepted, "because": accepted.because}
    exec(shown, names)  # noqa: S102 - a block of our own documentation
    cdn = json.loads((ROOT / "templates_out" / "cdn.json").read_text())
    metadata = cdn["Resources"]["Distribution"]["Metadata"]
    for rule, reason in names["Metadata"]["tapgen"]["Accepted"].items():
        assert metadata["tapgen"]["Accepted"][rule] == reason


def test_faults_are_put_where_the_local_aws_reads_them(tmp_path: Path) -> None:
    (shown,) = blocks(read("local-aws.md"), "python")
    local = LocalAws("http://127.0.0.1:4566", 4566, 1, tmp_path)
    written = []
    for line in shown.splitlines():
        exec(line, {"inject": inject, "local": local})  # noqa: S102 - see above
        written.append(json.loads((tmp_path / "faults.json").read_text()))
    assert written == [
        {"create:Table": "no capacity", "delay": {"*": 0.5}},
        {"hold": ["update:Table"]},
        {"tables": 5.0},
        {"apis": 5.0},
        {"idle": ["payments-dev-payment-processor"]},
        {"shifts": ["payments-dev-payment-processor"]},
        {},
    ]


def test_a_second_run_is_told_as_it_is_shown() -> None:
    who = {
        "command": "deploy",
        "user": "ann",
        "host": "build-7",
        "pid": 4711,
        "since": "2026-03-01 09:30:00 UTC",
    }
    assert any(
        block.startswith(f"    error: {describe(who)} is at work on prod\n")
        for block in blocks(read("safety.md"))
    )


def test_a_missing_permission_is_told_as_it_is_shown() -> None:
    (block,) = (one for one in blocks(read("permissions.md")) if "error:" in one)
    error, hint = (line.strip() for line in block.splitlines())
    message = error.partition("AccessDenied: ")[2]
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, "DescribeStacks")
    assert f"next: {advice(denied)}".startswith(hint.removesuffix(" ..."))


def test_a_line_names_its_environment_as_it_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    layers = [layer.name for layer in LAYERS]
    with progress("text", 0, {"staging": layers, "qa": layers}) as view:
        view.show(Within("staging", Started("network", "create")))
        view.show(Within("staging", Finished("network", Created(), 45.0)))
        view.show(EnvironmentEnded("staging", dict.fromkeys(layers, Created()), 150.0))
    told = [line[10:] for line in capsys.readouterr().err.splitlines()]
    (block,) = (one for one in blocks(read("many-environments.md")) if "create started" in one)
    assert [line[14:] for line in block.splitlines()] == told


def test_the_last_line_for_machines_is_as_it_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    show_outcomes({"dev": {"network": Created()}}, {"dev": 17})
    told = json.loads(capsys.readouterr().out)
    (block,) = (one for one in blocks(read("many-environments.md")) if "Outcomes" in one)
    shown = json.loads(block.replace(", ...", ""))
    assert shown == {
        **told,
        "environments": {
            "dev": {"network": {"kind": told["environments"]["dev"]["network"]["kind"]}}
        },
    }


# --- what is measured ---------------------------------------------------------------------------


def part(name: str) -> str:
    """What stands between the markers of a name in docs/performance.md."""
    return (
        read("performance.md").partition(f"<!-- {name} -->\n")[2].partition(f"<!-- /{name} -->")[0]
    )


def test_the_tables_of_performance_are_what_was_measured() -> None:
    rows, _ = results.load()
    measured, deployed = peers.load()
    assert part("table") == results.table(list(rows.values())) + "\n"
    assert part("peers") == peers.table(measured) + "\n"
    assert part("deployed by peers") == peers.deployments(deployed) + "\n"


def test_the_way_through_the_layers_is_one() -> None:
    text = " ".join(read("performance.md").split())
    (shown,) = re.findall(r"change set on each level \(([a-z, ]+):", text)
    needs = {layer.name: {one.layer for one in layer.inputs.values()} for layer in LAYERS}
    assert all(before in needs[after] for before, after in pairwise(shown.split(", ")))

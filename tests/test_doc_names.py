"""What the documents name is there: commands, options, settings, files, targets, calls of AWS.

Commands of `console` blocks are run by `test_docs.py`; here it is about what stands between
backquotes, and about the blocks that nobody runs.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

import botocore.session
import click
import pytest
from botocore import xform_name

from tapgen.cli.main import COMMANDS, module_of
from tapgen.model.deployed.stack_status import ACTIONS
from tapgen.payments.layers.registry import LAYERS
from tapgen.payments.platform import PLATFORM
from tapgen.review.lint.acceptance import STALE_ID
from tapgen.review.lint.rules.registry import rules_for
from tapgen.settings.fields import fields, sections
from tests.documents import DOCUMENTS, blocks, prose, spans
from tests.paths import ROOT

DECISIONS: Final = sorted((ROOT / "docs" / "decisions").glob("*.md"))
REFERENCE: Final = sorted((ROOT / "docs" / "reference").rglob("*.md"))
PAGES: Final = (*DOCUMENTS, ROOT / "SECURITY.md", *DECISIONS)

# Options of other programs.
FOREIGN_OPTIONS: Final = {
    "--no-deps": "pip install",
    "--no-validation": "cdk synth",
    "--method": "cdk deploy",
    "--concurrency": "cdk deploy",
    "--no-execute-changeset": "aws cloudformation deploy",
}
# Calls of the AWS CLI that are no operation of the service.
AWS_CUSTOM: Final = {("cloudformation", "deploy"), ("s3api", "put-object")}
# Files that are made when something runs.
MADE: Final = {
    "cfn-outputs/flat-outputs.json",
    "durations.json",
    "server.json",
    "tapgen.toml",
    # by `tapgen init`
    "<project>_platform/guards.py",
    "<project>_platform/layers/",
    "<project>_platform/platform.py",
    "<project>_platform/rules.py",
    "<project>_platform/settings.py",
    "shop_platform/platform.py",
    "shop_platform/settings.py",
    "guards.py",
    "layers/",
    ".bench/",
    ".tapgen/",
    ".tapgen/local/",
}
# Where the pages of docs look for a file that they name in short.
FOLDERS: Final = (".", "tapgen", "tapgen/local", "tests")

_PATH: Final = re.compile(
    r"[\w.<>~-]+(?:/[\w.<>-]+)*(?:/|\.(?:py|md|ya?ml|json|lock|cfg|toml|svg))"
)
_STATUS: Final = re.compile(r"[A-Z]+(?:_[A-Z]+)*_(?:COMPLETE|FAILED|IN_PROGRESS)")
_OF_LAYER: Final = re.compile(r"(?<![\w.-])(?:[a-z]+\.)?(?P<layer>[a-z]+)\.(?P<name>[A-Z]\w*)")
_HEADING: Final = re.compile(r"^#+ (.*)$", re.MULTILINE)
_LINK: Final = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")


def calls(text: str, program: str) -> Iterator[list[str]]:
    """Command lines of a program: between backquotes, and in blocks that nobody runs."""
    lines = "\n".join(blocks(text)).replace("\\\n", " ").splitlines()
    for line in [*spans(text), *lines]:
        typed = re.split(r"[|>]", line)[0].strip()
        if typed.startswith(f"{program} "):
            yield shlex.split(typed, comments=True)[1:]


@cache
def command(name: str) -> click.Command:
    found = import_module(module_of(name)).command
    assert isinstance(found, click.Command)
    return found


def options(of: click.Command) -> set[str]:
    # Some are known only when a command is run: the platform says which.
    params = of.get_params(click.Context(of))
    own = {name for one in params for name in (*one.opts, *one.secondary_opts)}
    return {"--help", "-h"} | own


@cache
def every_option() -> set[str]:
    found = {"--version"}
    for one in map(command, COMMANDS):
        inner = one.commands.values() if isinstance(one, click.Group) else ()
        found.update(*map(options, (one, *inner)))
    return found


def unknown_commands(text: str) -> Iterator[str]:
    short = (shlex.split(span) for span in spans(text) if re.match(r"[a-z-]+ -", span))
    for words in [*calls(text, "tapgen"), *(words for words in short if words[0] in COMMANDS)]:
        if words[0] in {"--help", "--version"}:
            continue
        if words[0] not in COMMANDS:
            yield f"tapgen {words[0]}"
            continue
        found = command(words[0])
        if isinstance(found, click.Group) and not words[1].startswith("-"):
            if words[1] not in found.commands:
                yield f"tapgen {words[0]} {words[1]}"
                continue
            found = found.commands[words[1]]
        for word in words:
            if word.startswith("-") and word.partition("=")[0] not in options(found):
                yield f"tapgen {words[0]} {word}"


def unknown_options(text: str) -> Iterator[str]:
    for span in spans(text):
        name = span.split()[0]
        if re.fullmatch(r"--[a-z][a-z-]*", name) and name not in every_option() | {
            *FOREIGN_OPTIONS
        }:
            yield name


def unknown_settings(text: str) -> Iterator[str]:
    known = fields(PLATFORM)
    for span in spans(text):
        found = re.fullmatch(r"([a-z_]+)\.([a-z][a-z_]*)(: .*)?", span)
        if found and found[1] in sections(PLATFORM) and span.partition(": ")[0] not in known:
            yield span


@cache
def names_of(layer: str) -> frozenset[str]:
    template = json.loads((ROOT / "templates_out" / f"{layer}.json").read_text())
    return frozenset(
        name for part in ("Parameters", "Resources", "Outputs") for name in template.get(part, {})
    )


def unknown_resources(text: str) -> Iterator[str]:
    layers = {layer.name for layer in LAYERS}
    for span in spans(text):
        for found in _OF_LAYER.finditer(span):
            if found["layer"] in layers and found["name"] not in names_of(found["layer"]):
                yield found[0]


def unknown_files(text: str) -> Iterator[str]:
    for span in spans(text):
        path = span.partition("::")[0]
        if _PATH.fullmatch(path) and path not in MADE and not _there(path):
            yield span


def _there(path: str) -> bool:
    pattern = re.sub(r"<\w+>", "*", path.removesuffix("/"))
    return any(any((ROOT / folder).glob(pattern)) for folder in FOLDERS) or (
        "/" not in path and any(ROOT.glob(f"tapgen/*/{pattern}"))
    )


def unknown_targets(text: str) -> Iterator[str]:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    yield from (words[0] for words in calls(text, "make") if words[0] not in targets)


def unknown_statuses(text: str) -> Iterator[str]:
    yield from (span for span in spans(text) if _STATUS.fullmatch(span) and span not in ACTIONS)


def unknown_rules(text: str) -> Iterator[str]:
    rules = rules_for(PLATFORM)
    known = {*(rule.id for rule in rules.templates), *(rule.id for rule in rules.stacks), STALE_ID}
    yield from (name for name in re.findall(r"\bT\d{3}\b", prose(text)) if name not in known)


@cache
def sdk() -> botocore.session.Session:
    return botocore.session.Session()


def unknown_aws(text: str) -> Iterator[str]:
    for service, name, *words in calls(text, "aws"):
        if (service, name) in AWS_CUSTOM:
            continue
        if name == "wait":
            waiters = sdk().get_waiter_model(service).waiter_names
            if words[0] not in {xform_name(waiter, "-") for waiter in waiters}:
                yield f"aws {service} wait {words[0]}"
            continue
        model = sdk().get_service_model(service)
        operations = {xform_name(one, "-"): one for one in model.operation_names}
        if name not in operations:
            yield f"aws {service} {name}"
            continue
        shape = model.operation_model(operations[name]).input_shape
        assert shape is not None
        known = {
            f"--{xform_name(member, '-')}": of.type_name for member, of in shape.members.items()
        }
        known |= {f"--no-{flag[2:]}": kind for flag, kind in known.items() if kind == "boolean"}
        for word in words:
            if word.startswith("--") and word not in known:
                yield f"aws {service} {name} {word}"
        for member in shape.required_members:
            if words and f"--{xform_name(member, '-')}" not in words:
                yield f"aws {service} {name} without --{xform_name(member, '-')}"


def dead_links(text: str, page: Path = ROOT / "README.md") -> Iterator[str]:
    for target, anchor in _LINK.findall(text):
        path = page.parent / target if target else page
        if not path.exists() or (anchor and anchor not in anchors(path)):
            yield f"{target}#{anchor}" if anchor else target


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors of headings as GitHub derives them, and those that the page sets itself."""
    text = page.read_text()
    headings = _HEADING.findall(prose(text))
    derived = (re.sub(r"[^\w\- ]", "", one).lower().replace(" ", "-") for one in headings)
    return frozenset(derived).union(re.findall(r'<a id="([^"]+)"></a>', text))


CHECKS: Final[dict[str, Callable[[str], Iterator[str]]]] = {
    check.__name__: check
    for check in (
        unknown_commands,
        unknown_options,
        unknown_settings,
        unknown_resources,
        unknown_files,
        unknown_targets,
        unknown_statuses,
        unknown_rules,
        unknown_aws,
    )
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    found = {name: list(check(text)) for name, check in CHECKS.items()}
    assert {name: missing for name, missing in found.items() if missing} == {}


@pytest.mark.parametrize(
    ("check", "text", "found"),
    [
        ("unknown_commands", "`tapgen deploi --env dev`", ["tapgen deploi"]),
        ("unknown_commands", "`tapgen env copy`", ["tapgen env copy"]),
        ("unknown_commands", "`tapgen env\nnew qa --form dev`", ["tapgen env --form"]),
        (
            "unknown_commands",
            "```\ntapgen plan --out p --nope > file\n```\n",
            ["tapgen plan --nope"],
        ),
        ("unknown_commands", "`destroy --purge-date`", ["tapgen destroy --purge-date"]),
        ("unknown_commands", "`--allow` and `tapgen plan -e dev --out=p | head`", []),
        ("unknown_options", "`--purge-date` and `--purge-data`", ["--purge-date"]),
        ("unknown_settings", "`data.read_capacity` and `data.reads: 5`", ["data.reads: 5"]),
        ("unknown_resources", "`data.Key`, `{new data.Keys}`", ["data.Keys"]),
        ("unknown_resources", "`{output: staging.zone.Id}`", ["staging.zone.Id"]),
        ("unknown_files", "`tapgen/cli/<name>.py`, `deploy/unlock.py`", ["deploy/unlock.py"]),
        ("unknown_files", "`layers/test_nothing.py::test_it`", ["layers/test_nothing.py::test_it"]),
        ("unknown_targets", "`make demo`, `make tests`", ["tests"]),
        ("unknown_targets", "```\nmake demos  # try it\n```\n", ["demos"]),
        ("unknown_statuses", "`CREATE_COMPLETE` or `DONE_COMPLETE`", ["DONE_COMPLETE"]),
        ("unknown_rules", "T001 and T099", ["T099"]),
        ("unknown_aws", "`aws sqs make-queue`", ["aws sqs make-queue"]),
        (
            "unknown_aws",
            "\n\n    aws dynamodb delete-table \\\n      --table name\n",
            ["aws dynamodb delete-table --table", "aws dynamodb delete-table without --table-name"],
        ),
        ("unknown_aws", "`aws dynamodb wait table-here`", ["aws dynamodb wait table-here"]),
    ],
)
def test_what_is_not_there_is_found(check: str, text: str, found: Sequence[str]) -> None:
    assert list(CHECKS[check](text)) == found


@pytest.mark.parametrize(
    "page", [*PAGES, *REFERENCE, ROOT / "CHANGELOG.md"], ids=lambda page: page.name
)
def test_links_lead_somewhere(page: Path) -> None:
    assert list(dead_links(page.read_text(), page)) == []


def test_a_dead_link_is_found() -> None:
    text = (
        "[a](docs/review.md#the-report-page), [b](docs/review.md#two-pages), "
        "[c](docs/none.md), [d](#no)"
    )
    assert list(dead_links(text)) == ["docs/review.md#two-pages", "docs/none.md", "#no"]

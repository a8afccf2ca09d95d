"""The table of tapgen's own calls is compared with the code that makes them."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore import xform_name

from tapgen.iam.reference import known
from tapgen.model.aws_calls import CALLS
from tests.paths import ROOT

AWS = ROOT / "tapgen" / "aws"
# Modules that are handed a client, instead of asking for one by the service's name.
HANDED = "cloudformation"
# boto3's own methods of clients, and the operation that they are made of here.
TRANSFERS = {"upload_fileobj": "PutObject"}
# Modules that ask several services, of which one has an operation that only another is asked for.
NAMESAKES = {("cognito-idp", "ListTagsForResource"): {"tags.py"}}
_session = boto3.session.Session()


def operations(service: str) -> dict[str, str]:
    """Name of the method -> operation."""
    model = _session.client(service, region_name="us-east-1").meta.service_model  # type: ignore[call-overload]
    own = TRANSFERS if service == "s3" else {}
    return {xform_name(name): name for name in model.operation_names} | own


def asked_for(tree: ast.AST) -> set[str]:
    """The services whose clients a module asks for."""
    return {
        argument.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "client"
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    } or {HANDED}


def methods(tree: ast.AST) -> Iterator[str]:
    """Everything that could be an operation: attributes, names of paginators and waiters."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.fixture(scope="module")
def called() -> dict[tuple[str, str], set[str]]:
    """(service, operation) -> modules of tapgen/aws that call it."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    known_operations: dict[str, dict[str, str]] = {}
    for path in sorted(AWS.rglob("*.py")):
        tree = ast.parse(path.read_text())
        for service in asked_for(tree):
            of_service = known_operations.setdefault(service, operations(service))
            for method in methods(tree):
                if method in of_service:
                    found[service, of_service[method]].add(path.name)
    return found


def test_every_call_in_the_code_is_in_the_table_and_the_other_way_round(
    called: dict[tuple[str, str], set[str]],
) -> None:
    listed = {(call.service, call.operation) for call in CALLS}
    forgotten = {
        name: modules
        for name, modules in called.items()
        if name not in listed and modules != NAMESAKES.get(name)
    }
    assert not forgotten, f"add to tapgen/model/aws_calls.py: {forgotten}"
    assert listed - called.keys() == set()


def test_the_scan_finds_a_call_that_nobody_listed() -> None:
    tree = ast.parse("region.client('sqs').purge_queue(QueueUrl=url)")
    (service,) = asked_for(tree)
    found: Any = {operations(service).get(method) for method in methods(tree)}
    assert "PurgeQueue" in found


def test_no_call_is_listed_twice() -> None:
    assert len({(call.service, call.operation) for call in CALLS}) == len(CALLS)


def test_every_action_is_one_that_iam_knows() -> None:
    unknown = {action for call in CALLS for action in call.actions if not known(action)}
    assert not unknown

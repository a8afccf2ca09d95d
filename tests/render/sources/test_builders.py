from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from tapgen.errors import TapgenError
from tapgen.model.layer import Layer
from tapgen.render.packages import source_of
from tapgen.render.sources.builders import blueprint_of, draft
from tapgen.render.sources.draft import BrokenLayerError
from tapgen.render.sources.drafts import build
from tests.small_platform.platform import SMALL

_, INBOX = SMALL.layers


@pytest.mark.parametrize("package", ["tests.small_platform.layers", "nosuch.package"])
def test_a_layer_without_its_module_is_an_error(package: str) -> None:
    with pytest.raises(TapgenError, match="the builder of layer outbox") as caught:
        blueprint_of(Layer("outbox", "", package=package))
    assert f"{package}.outbox:build" in caught.value.message


BUILDER = '''"""A layer of the test."""

from troposphere.sqs import Queue

from tapgen.render.blueprint import Blueprint


def build():
    blueprint = Blueprint("broken", "A layer of the test.")
    {line}
    return blueprint
'''


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Layer]:
    """Makes a layer of which one line is given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)

    def write(line: str) -> Layer:
        package = f"own{next(_packages)}"
        (tmp_path / package).mkdir()
        (tmp_path / package / "broken.py").write_text(BUILDER.replace("{line}", line))
        return Layer("broken", "", package=package)

    return write


_packages = itertools.count()


@pytest.mark.parametrize(
    ("line", "told", "place"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero", ":10: 1 / 0"),
        (
            'Queue("Inbox", Nme="x")',
            "AttributeError: AWS::SQS::Queue object does not support attribute Nme",
            ':10: Queue("Inbox", Nme="x")',
        ),
        (
            'Queue("Inbox", DelaySeconds="soon")',
            "'soon' is not a valid integer",
            ':10: Queue("Inbox", DelaySeconds="soon")',
        ),
        (
            'blueprint.text("Name", "name", "Its name."); blueprint.text("Name", "name", "Again.")',
            "Name",
            ":10: blueprint.text(",
        ),
        ("__import__('json').loads('no')", "JSONDecodeError", ":10: __import__('json')"),
        ("def", "SyntaxError", ":10: def"),
        ("__import__('sys').exit(5)", "SystemExit: 5", ":10: __import__('sys').exit(5)"),
        ("raise GeneratorExit", "cannot be built: GeneratorExit\n", ":10: raise GeneratorExit"),
        ("raise ValueError", "cannot be built: ValueError\n", ":10: raise ValueError"),
        ("(lambda f: f(f))(lambda f: f(f))", "RecursionError: maximum", ":10: (lambda f"),
        ("len(5)", "TypeError: object of type 'int' has no len()", ":10: len(5)"),
        (
            "(lambda title: (lambda: Queue(title))())('bad-name')",
            'ValueError: Name "bad-name" not alphanumeric',
            ":10: (lambda title:",
        ),
        ("import nosuchmodule", "No module named 'nosuchmodule'", ":10: import nosuchmodule"),
        (
            'from troposphere.sqs import QueuePolicy as Q; blueprint.template.add_resource(Q("P"))',
            "Resource PolicyDocument required in type AWS::SQS::QueuePolicy (title: P)",
            ":10: from troposphere.sqs",
        ),
    ],
)
def test_a_broken_builder_shows_the_line(
    written: Callable[[str], Layer], line: str, told: str, place: str
) -> None:
    layer = written(line)
    with pytest.raises(BrokenLayerError) as raised:
        build(layer)
    assert "layer broken cannot be built: " in raised.value.message
    assert told in raised.value.message
    assert f"{layer.package}/broken.py{place}" in raised.value.message
    assert raised.value.hint
    assert raised.value.exit_code == 1
    assert raised.value.place is not None
    path, number, _ = raised.value.place
    assert f"{path}:{number}" in raised.value.message


@pytest.mark.parametrize(
    ("line", "given"),
    [("return", "nothing"), ("return {}", "a dict"), ("return blueprint.template", "a Template")],
)
def test_what_is_no_blueprint_is_refused(
    written: Callable[[str], Layer], line: str, given: str
) -> None:
    layer = written(line)
    with pytest.raises(BrokenLayerError) as raised:
        build(layer)
    assert raised.value.message == (
        f"layer broken cannot be built: build() returns {given}, not a Blueprint\n"
        f"  {layer.source}:8"
    )
    assert raised.value.hint == "End it with `return blueprint.finish()`."


def test_a_builder_need_not_be_a_function(written: Callable[[str], Layer]) -> None:
    layer = written("pass")
    Path(layer.source).write_text("from functools import partial\nbuild = partial(dict)\n")
    with pytest.raises(
        BrokenLayerError, match=rf"returns a dict, not a Blueprint\n  {layer.source}$"
    ):
        build(layer)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("raise SystemExit(5)\n", "SystemExit: 5"),
        ("x = 1\0\n", "SyntaxError: source code string cannot contain null bytes"),
        ("def build():\n\tx = 1\n        y = 2\n", "TabError"),
        ("def build(:\n", r"SyntaxError: invalid syntax"),
    ],
)
def test_a_module_that_cannot_be_imported_is_told(
    written: Callable[[str], Layer], text: str, told: str
) -> None:
    layer = written("pass")
    Path(layer.source).write_text(text)
    with pytest.raises(TapgenError, match=told) as raised:
        build(layer)
    assert layer.module in raised.value.message
    assert raised.value.exit_code == 1


def test_ctrl_c_in_a_builder_is_no_fault_of_it(written: Callable[[str], Layer]) -> None:
    with pytest.raises(KeyboardInterrupt):
        build(written("raise KeyboardInterrupt"))


def test_a_fault_that_no_line_names_is_the_module_s(written: Callable[[str], Layer]) -> None:
    layer = written("blueprint.document = lambda: [][0]")
    with pytest.raises(BrokenLayerError, match="IndexError"):
        build(layer)
    layer = written(
        "from troposphere.sqs import QueuePolicy; name = 'P'; "
        "blueprint.template.add_resource(QueuePolicy(name))"
    )
    with pytest.raises(BrokenLayerError) as raised:
        build(layer)
    assert raised.value.message.endswith(f"\n  {layer.source}")


def test_settings_in_the_registry_are_for_template_files() -> None:
    layer = INBOX._replace(settings={"Prefix": "prefix"})
    with pytest.raises(
        TapgenError, match="layer inbox: `settings=` in the registry is only"
    ) as told:
        draft(layer)
    assert told.value.hint == (
        "Name its file with `template=`, or declare the settings with the parameters in "
        "tests/small_platform/layers/inbox.py."
    )


def test_a_blueprint_of_another_layer_is_refused(written: Callable[[str], Layer]) -> None:
    layer = written('blueprint = Blueprint("other", "Another layer.")')
    with pytest.raises(BrokenLayerError) as raised:
        build(layer)
    assert raised.value.message == (
        "layer broken cannot be built: build() returns a Blueprint of the layer 'other'\n"
        f"  {layer.source}:8"
    )
    assert raised.value.hint == (
        'Begin it with `Blueprint("broken", ...)`, the name in the registry of layers.'
    )


def test_what_a_builder_prints_is_no_result(
    written: Callable[[str], Layer], capsys: pytest.CaptureFixture[str]
) -> None:
    layer = written('blueprint.add(Queue("Inbox")); print("building")')
    build(layer)
    assert tuple(capsys.readouterr()) == ("", "building\n")


def test_advice_names_the_file_where_the_package_is(
    written: Callable[[str], Layer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = written("1 / 0")
    monkeypatch.chdir(tmp_path.parent)
    with pytest.raises(BrokenLayerError) as raised:
        build(layer)
    file = f"{tmp_path.name}/{layer.source}"
    assert f"\n  {file}:10: 1 / 0" in raised.value.message
    assert f"`git diff HEAD -- {file}`" in raised.value.hint
    assert source_of(layer) == file

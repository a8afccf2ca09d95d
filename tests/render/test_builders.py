from __future__ import annotations

import pytest

from tapgen.errors import TapgenError
from tapgen.model.layer import Layer, OutputRef
from tapgen.render.builders import blueprint_of, build
from tests.small_platform.platform import SMALL

KEYS, INBOX = SMALL.layers


def test_a_template_is_sealed_and_known_without_parsing_its_text() -> None:
    template = build(INBOX)
    assert template.layer == "inbox"
    assert template.seal
    assert template.known is not None
    assert list(template.resources) == ["Inbox", "InboxPolicy"]
    assert template.settings["Prefix"] == "prefix"
    assert build(INBOX).text == template.text


@pytest.mark.parametrize(
    ("inputs", "fault"),
    [
        ({}, "KeyArn has no source in the registry"),
        (
            {**INBOX.inputs, "Extra": OutputRef("keys", "Extra")},
            "Extra is in the registry but the builder does not take it",
        ),
    ],
)
def test_builder_and_registry_agree_on_the_inputs(inputs: dict[str, OutputRef], fault: str) -> None:
    with pytest.raises(TapgenError, match=f"layer inbox: {fault}") as caught:
        build(INBOX._replace(inputs=inputs))
    assert "tests/small_platform/layers/inbox.py" in caught.value.hint


@pytest.mark.parametrize("package", ["tests.small_platform.layers", "nosuch.package"])
def test_a_layer_without_its_module_is_an_error(package: str) -> None:
    with pytest.raises(TapgenError, match="the builder of layer outbox") as caught:
        blueprint_of(Layer("outbox", "", package=package))
    assert f"{package}.outbox:build" in caught.value.message

from __future__ import annotations

from pathlib import Path

import pytest

from tapgen.errors import TapgenError
from tapgen.model.layer import OutputRef
from tapgen.render.sources.drafts import build, committed, draft_of, files_of
from tests.paths import ROOT
from tests.second.platform import PLATFORM
from tests.small_platform.platform import SMALL

KEYS, INBOX = SMALL.layers
QUEUE, TOPIC, _ = PLATFORM.layers


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
        ({}, "the input KeyArn has no source in the registry"),
        (
            {**INBOX.inputs, "Extra": OutputRef("keys", "Extra")},
            "the registry has Extra, but the builder declares no such input",
        ),
    ],
)
def test_builder_and_registry_agree_on_the_inputs(inputs: dict[str, OutputRef], fault: str) -> None:
    with pytest.raises(TapgenError, match=f"layer inbox: {fault}") as caught:
        build(INBOX._replace(inputs=inputs))
    assert "tests/small_platform/layers/inbox.py" in caught.value.hint


def test_a_template_file_is_sealed_and_says_what_it_was_made_of() -> None:
    template = build(TOPIC)
    assert template.seal
    assert template.from_file
    assert template.document["Metadata"]["tapgen"] == {
        "Layer": "topic",
        "Settings": {"AlarmFrom": "jobs.alarm_from", "Prefix": "prefix"},
        "Template": "templates/topic.yaml",
    }
    assert template.settings == TOPIC.settings
    assert template.parameter_of("prefix") == "Prefix"
    assert not build(QUEUE).from_file


def test_a_draft_names_inputs_and_outputs_whatever_its_source() -> None:
    assert [draft_of(layer).outputs for layer in (QUEUE, TOPIC)] == [("QueueName",), ("TopicArn",)]
    assert [draft_of(layer).inputs for layer in (QUEUE, TOPIC)] == [set(), {"QueueName"}]


def test_only_a_template_file_is_a_file_that_no_import_loads() -> None:
    assert files_of(QUEUE) == []
    assert files_of(TOPIC) == [str(ROOT / "tests/second/layers/templates/topic.yaml")]
    assert files_of(TOPIC._replace(package="nosuch.package")) == []


@pytest.mark.parametrize("text", [None, "{", "{}", '{"Resources": {}}', "[]"])
def test_a_committed_template_is_one_that_can_be_read(tmp_path: Path, text: str | None) -> None:
    folder = tmp_path / "templates_out"
    folder.mkdir()
    if text is not None:
        (folder / "inbox.json").write_text(text)
    assert committed(INBOX, folder) is None
    (folder / "inbox.json").write_text(build(INBOX).text)
    assert committed(INBOX, folder) == build(INBOX)

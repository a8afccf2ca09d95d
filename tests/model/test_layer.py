from __future__ import annotations

from tapgen.model.layer import (
    Layer,
    OutputRef,
    ParameterRef,
    in_package,
    outputs_of,
    source_of,
)


def test_inputs_are_called_like_the_outputs_they_take() -> None:
    inputs = outputs_of("data", "KeyArn", "TableName", optional=True)
    assert inputs == {
        "KeyArn": OutputRef("data", "KeyArn", optional=True),
        "TableName": OutputRef("data", "TableName", optional=True),
    }
    assert str(inputs["KeyArn"]) == "data.KeyArn"


def test_a_layer_has_no_inputs_unless_told() -> None:
    assert dict(Layer("sample", "").inputs) == {}


def test_a_layer_knows_its_builder_and_what_it_needs() -> None:
    (layer,) = in_package("acme.layers", Layer("data", "", enabled_by="data.wanted"))
    assert (layer.module, layer.source) == ("acme.layers.data", "acme/layers/data.py")
    assert layer.needs == "data.wanted"
    assert layer._replace(enabled_at="all").needs == "data.wanted: all"
    assert Layer("data", "").needs is None


def test_a_template_file_is_named_from_the_folder_of_the_package() -> None:
    (layer,) = in_package("acme.layers", Layer("queue", "", template="templates/queue.yaml"))
    assert layer.source == "acme/layers/templates/queue.yaml"
    assert layer._replace(template="../queue.json").source == "acme/queue.json"


def test_a_layer_is_enabled_by_a_value_or_by_that_very_value() -> None:
    assert Layer("a", "A").enabled_with(None)
    by_any, by_one = (
        Layer("a", "A", enabled_by="x"),
        Layer("a", "A", enabled_by="x", enabled_at="y"),
    )
    assert [by_any.enabled_with(value) for value in ("z", "", None)] == [True, False, False]
    assert [by_one.enabled_with(value) for value in ("y", "z", None)] == [True, False, False]


def test_a_parameter_is_a_source_that_no_layer_gives() -> None:
    pinned = ParameterRef("/shared/vpc-id:3")
    assert (str(pinned), pinned.written) == ("ssm:/shared/vpc-id:3", "{ssm: /shared/vpc-id:3}")
    assert (pinned.name, pinned.producer, pinned.environment) == ("/shared/vpc-id", "ssm:", "")
    assert pinned.elsewhere
    for source in (pinned, OutputRef("zone", "Id"), OutputRef("zone", "Id", environment="prod")):
        assert source_of(str(source)) == source
    assert OutputRef("zone", "Id", environment="prod").elsewhere
    assert not OutputRef("zone", "Id").elsewhere

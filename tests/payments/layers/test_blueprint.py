from __future__ import annotations

from troposphere.sns import Topic

from tapgen.model.stack import ENGINE_TAGS
from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.platform import PLATFORM


def test_resources_carry_who_pays_beside_the_engines_tags() -> None:
    blueprint = Blueprint("sample", "A sample.")
    blueprint.add(Topic("First"))
    blueprint.add(Topic("Second"))
    document = blueprint.finish().document()
    for resource in document["Resources"].values():
        tags = {tag["Key"]: tag["Value"] for tag in resource["Properties"]["Tags"]}
        assert tags.keys() == {*ENGINE_TAGS, *PLATFORM.tags}
        assert tags["CostCenter"] == {"Ref": "CostCenter"}
    assert document["Metadata"]["tapgen"]["Settings"]["CostCenter"] == PLATFORM.tags["CostCenter"]

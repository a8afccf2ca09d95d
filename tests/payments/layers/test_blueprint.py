from __future__ import annotations

import pytest

from tapgen.errors import TapgenError
from tapgen.model.stack import ENGINE_TAGS
from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.platform import PLATFORM


def test_it_carries_the_tags_of_tapgen_and_of_the_platform() -> None:
    assert Blueprint("sample", "A sample.").tags().keys() == {*ENGINE_TAGS, *PLATFORM.tags}


def test_the_cost_center_is_filled_the_same_in_all_layers() -> None:
    blueprint = Blueprint("sample", "A sample.")
    blueprint.text("CostCenter", "data.other", "Mine.", pattern="^a$")
    with pytest.raises(TapgenError) as caught:
        blueprint.tags()
    fault = "layer sample: the parameter CostCenter is not filled from cost_center"
    assert caught.value.message == fault

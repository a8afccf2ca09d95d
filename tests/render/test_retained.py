from __future__ import annotations

from typing import Any

from tapgen.model.templates.stateful import holds_data
from tapgen.model.templates.stateful import regenerable as is_regenerable
from tapgen.render.retained import RETAINED, regenerable

SECRET = {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": {}}}


def test_a_regenerable_secret_goes_when_it_is_replaced_and_says_why() -> None:
    metadata: dict[str, dict[str, Any]] = {
        "tapgen": {"Accepted": {"tags": "because"}},
        "other": {"a": 1},
    }
    attributes = regenerable("Another one does as well.", metadata)
    assert attributes["UpdateReplacePolicy"] == "Delete"
    assert attributes["DeletionPolicy"] == RETAINED["DeletionPolicy"]
    assert attributes["Metadata"] == {
        "tapgen": {"Accepted": {"tags": "because"}, "Regenerable": "Another one does as well."},
        "other": {"a": 1},
    }
    assert metadata["tapgen"] == {"Accepted": {"tags": "because"}}
    assert is_regenerable({**SECRET, **attributes})
    assert not holds_data({**SECRET, **attributes})
    assert holds_data({**SECRET, **RETAINED})

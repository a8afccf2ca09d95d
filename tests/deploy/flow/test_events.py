"""Events that know something about themselves."""

from __future__ import annotations

import pytest

from tapgen.deploy.flow.events import DriftFound
from tapgen.model.deployed.drift import DELETED, IN_SYNC, LayerDrift, ResourceDrift


def layer(status: str, *, checked: bool = True) -> LayerDrift:
    resource = ResourceDrift("Note", "AWS::SSM::Parameter", status)
    return LayerDrift("data", "CREATE_COMPLETE", (resource,), checked)


@pytest.mark.parametrize(
    ("layers", "clean"),
    [
        ((), True),
        ((layer(IN_SYNC), layer(IN_SYNC)), True),
        ((layer(IN_SYNC), layer(DELETED)), False),
        ((layer(IN_SYNC, checked=False),), False),  # nobody has looked
    ],
)
def test_what_could_not_be_looked_at_is_not_called_undrifted(
    layers: tuple[LayerDrift, ...], clean: bool
) -> None:
    assert DriftFound("lab", layers, "deploy").is_clean is clean

"""Sameness, on the shipped environments and on what AWS might say of them."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

import pytest

from tapgen.model.changes.secrets import MASK
from tapgen.model.templates.template import Template
from tapgen.payments.platform import PLATFORM
from tapgen.render.rendering import Rendered
from tapgen.review.parity.comparison import (
    DRIFTED,
    Deviation,
    LayerParity,
    Observed,
    Parity,
    compare,
    template_sha256,
)

Found = dict[tuple[str, str], Observed]


@pytest.fixture
def deployed(rendered: Rendered) -> Found:
    """Every stack exactly as declared, each input an id of its own."""
    return {
        (name, stack.layer): Observed(
            stack.template.sha256,
            {**stack.parameters, **dict.fromkeys(stack.inputs, f"{name}-id")},
            "CREATE_COMPLETE",
        )
        for name, stacks in rendered.stacks.items()
        for stack in stacks
    }


def layer(parity: Parity, name: str) -> LayerParity:
    return next(layer for layer in parity.layers if layer.layer == name)


def change(found: Found, environment: str, name: str, **parameters: str) -> None:
    seen = found[environment, name]
    found[environment, name] = replace(seen, parameters={**seen.parameters, **parameters})


def test_a_creation_that_did_not_come_to_its_end_is_told_as_that(
    rendered: Rendered, deployed: Found
) -> None:
    change(deployed, "prod", "data", Settled="false")
    parity = compare(PLATFORM, rendered.stacks, deployed)
    assert not parity.holds
    unfinished = Deviation("prod", "creation", "complete", "not protected yet")
    assert layer(parity, "data").deviations == (unfinished,)
    told = {difference.parameter for found in parity.layers for difference in found.differences}
    assert "Settled" not in told


def test_the_shipped_environments_differ_only_in_what_may_vary(rendered: Rendered) -> None:
    parity = compare(PLATFORM, rendered.stacks)
    assert parity.holds
    assert not parity.deployed
    assert not parity.detected
    assert parity.environments == ("dev", "staging", "prod")
    assert [found.layer for found in parity.layers] == list(rendered.templates)
    assert all(found.same_template and found.same_code for found in parity.layers)
    assert all(difference.allowed for found in parity.layers for difference in found.differences)
    compute = {found.parameter: found for found in layer(parity, "compute").differences}
    assert compute["MemoryMb"].values == {"dev": "512", "staging": "1024", "prod": "3008"}
    assert compute["MemoryMb"].origin == "functions.memory_mb"
    assert "LogLevel" not in compute


def test_the_code_is_that_of_the_layer_with_functions(rendered: Rendered) -> None:
    parity = compare(PLATFORM, rendered.stacks)
    assert set(layer(parity, "compute").code.values()) == {rendered.code.key}
    assert layer(parity, "data").code == {}


def test_what_is_deployed_as_declared_holds(rendered: Rendered, deployed: Found) -> None:
    parity = compare(PLATFORM, rendered.stacks, deployed)
    assert parity.holds
    assert parity.deployed
    key = next(d for d in layer(parity, "compute").differences if d.parameter == "KeyArn")
    assert (key.origin, key.allowed) == ("data.KeyArn", True)


def test_a_behaviour_that_differs_must_not(rendered: Rendered, deployed: Found) -> None:
    change(deployed, "staging", "compute", LogLevel="DEBUG")
    found = layer(compare(PLATFORM, rendered.stacks, deployed), "compute")
    assert not found.holds
    assert [difference.parameter for difference in found.forbidden] == ["LogLevel"]
    assert found.deviations == (Deviation("staging", "LogLevel", "INFO", "DEBUG"),)


def test_what_is_declared_differently_and_must_not_be(rendered: Rendered) -> None:
    odd = [
        replace(stack, parameters={**stack.parameters, "LogLevel": "DEBUG"})
        for stack in rendered.stacks["staging"]
    ]
    parity = compare(PLATFORM, {**rendered.stacks, "staging": odd})
    found = layer(parity, "compute")
    assert [difference.parameter for difference in found.forbidden] == ["LogLevel"]
    assert (found.deviations, found.holds, parity.holds) == ((), False, False)


def test_what_differs_is_told_in_the_order_of_names(rendered: Rendered, deployed: Found) -> None:
    odd = dict.fromkeys(["CostCenter", "LogLevel", "MemoryMb", "Prefix", "Project"], "1")
    change(deployed, "dev", "compute", **odd)
    found = layer(compare(PLATFORM, rendered.stacks, deployed), "compute")
    assert [deviation.what for deviation in found.deviations] == sorted(odd)
    names = [difference.parameter for difference in found.differences]
    assert names == sorted(names)
    assert {*odd} < {*names}


def test_a_size_changed_by_hand_is_not_as_declared(rendered: Rendered, deployed: Found) -> None:
    change(deployed, "staging", "compute", MemoryMb="2048")
    parity = compare(PLATFORM, rendered.stacks, deployed)
    found = layer(parity, "compute")
    assert (parity.holds, found.holds, found.forbidden) == (False, False, ())
    assert found.deviations == (Deviation("staging", "MemoryMb", "1024", "2048"),)
    assert layer(parity, "data").holds


def test_other_code_is_neither_identical_nor_as_declared(
    rendered: Rendered, deployed: Found
) -> None:
    change(deployed, "prod", "compute", CodeKey="functions/0.zip")
    found = layer(compare(PLATFORM, rendered.stacks, deployed), "compute")
    assert (found.same_template, found.same_code) == (True, False)
    assert [difference.parameter for difference in found.forbidden] == ["CodeKey"]
    assert [deviation.what for deviation in found.deviations] == ["CodeKey"]


def test_another_template_is_found_though_all_environments_have_it(
    rendered: Rendered, deployed: Found
) -> None:
    for name in rendered.stacks:
        deployed[name, "data"] = replace(deployed[name, "data"], template="0" * 64)
    found = layer(compare(PLATFORM, rendered.stacks, deployed), "data")
    assert (found.same_template, found.holds) == (True, False)
    assert [deviation.what for deviation in found.deviations] == ["template"] * 3


def test_nothing_is_identical_that_was_not_seen(rendered: Rendered, deployed: Found) -> None:
    deployed["prod", "compute"] = Observed("", {}, "ABSENT")
    found = layer(compare(PLATFORM, rendered.stacks, deployed), "compute")
    assert (found.same_template, found.same_code, found.holds) == (False, False, False)
    assert found.deviations == ()
    assert found.differences[0].values.keys() == {"dev", "staging"}


def test_what_nobody_has_is_not_the_same(rendered: Rendered, deployed: Found) -> None:
    for name in rendered.stacks:
        deployed[name, "compute"] = Observed("", {}, "ABSENT")
    found = layer(compare(PLATFORM, rendered.stacks, deployed), "compute")
    assert (found.same_template, found.same_code, found.holds) == (False, False, False)


def test_a_parameter_that_only_one_stack_has_must_not_be(
    rendered: Rendered, deployed: Found
) -> None:
    change(deployed, "dev", "data", Extra="1")
    found = layer(compare(PLATFORM, rendered.stacks, deployed), "data")
    (extra,) = found.forbidden
    assert (extra.origin, extra.values) == ("", {"dev": "1", "staging": None, "prod": None})
    assert found.deviations == (Deviation("dev", "Extra", None, "1"),)


def test_known_drift_is_not_sameness(rendered: Rendered, deployed: Found) -> None:
    deployed["dev", "data"] = replace(deployed["dev", "data"], drift=DRIFTED)
    found = layer(compare(PLATFORM, rendered.stacks, deployed), "data")
    assert (found.drifted, found.holds) == (("dev",), False)


def test_a_layer_that_is_left_out_is_no_difference(rendered: Rendered, deployed: Found) -> None:
    stacks = dict(rendered.stacks)
    stacks["dev"] = tuple(stack for stack in stacks["dev"] if stack.layer != "dns")
    parity = compare(PLATFORM, stacks, deployed)
    assert parity.holds
    assert layer(parity, "dns").found.keys() == {"staging", "prod"}


def test_secrets_are_never_said_to_be_the_same(rendered: Rendered, deployed: Found) -> None:
    secrets = ("CostCenter", "EnvironmentName", "Prefix", "Project", "ReadCapacity")
    stacks = {}
    for name, members in rendered.stacks.items():
        data = next(stack for stack in members if stack.layer == "data")
        document = json.loads(data.template.text)
        for secret in secrets:
            document["Parameters"][secret]["NoEcho"] = True
        template = Template("data", json.dumps(document))
        stacks[name] = (replace(data, template=template),)
        seen = deployed[name, "data"]
        deployed[name, "data"] = replace(
            seen,
            template=template.sha256,
            parameters={**seen.parameters, **dict.fromkeys(secrets, MASK)},
        )
    for parity in (compare(PLATFORM, stacks), compare(PLATFORM, stacks, deployed)):
        found = layer(parity, "data")
        assert (found.unknown, found.deviations) == (secrets, ())
        assert not {difference.parameter for difference in found.differences} & {*secrets}


def test_the_hash_of_a_template_survives_being_parsed(rendered: Rendered) -> None:
    for template in rendered.templates.values():
        shuffled = json.dumps(dict(reversed(json.loads(template.text).items())))
        assert template_sha256(shuffled) == template_sha256(template.text) == template.sha256
    assert template_sha256("Resources: {}") == sha256(b"Resources: {}").hexdigest()

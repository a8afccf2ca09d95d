"""What a release is compared with: the newest before it of each of its layers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tapgen.deploy.record.ledger import Ledger
from tapgen.deploy.record.places import Folder
from tapgen.model.release import Begun
from tapgen.operations.record.releases import _before
from tests.model.test_release import BEGUN


def release(number: int, *layers: str) -> Begun:
    stacks = {layer: {"kind": "Planned", "stack": {"parameters": {}}} for layer in layers}
    return replace(BEGUN, release=number, run=str(number), stacks=stacks)


def test_each_layer_is_compared_with_the_newest_release_that_has_it(tmp_path: Path) -> None:
    ledger = Ledger(Folder(tmp_path), "eu-west-1", "small-qa")
    written = [release(1, "data", "api"), release(2, "data"), release(3, "api", "data", "new")]
    for one in written:
        assert ledger.begin(one).release == one.release
    begun = written[-1]
    assert _before(ledger, begun, [2, 1]) == {"data": written[1], "api": written[0]}
    # Number 7 is gone. Nothing older than what has all is read.
    one = replace(begun, stacks={"api": begun.stacks["api"]})
    assert _before(ledger, one, [7, 1, 0]) == {"api": written[0]}

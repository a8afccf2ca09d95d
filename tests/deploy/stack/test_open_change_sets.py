"""Change sets of a run: each is executed or discarded, never both, and none is left behind."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.deploy.stack.open_change_sets import OpenChangeSets
from tapgen.errors import TapgenError
from tapgen.model.plan import Planned
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from tests.lab import Lab


def planned(lab: Lab, *layers: str) -> tuple[OpenChangeSets, list[Planned]]:
    """Stacks that exist only through their change sets, and nobody who has taken note of them."""
    deployment = lab.deployment(*(lab.stack(layer, {"Note": lab.note()}) for layer in layers))
    entries = lab.plan(deployment).entries.values()
    return OpenChangeSets(deployment.run), [one for one in entries if isinstance(one, Planned)]


def test_what_is_discarded_is_never_executed(lab: Lab) -> None:
    change_sets, (entry,) = planned(lab, "network")
    change_sets.add(entry)
    change_sets.discard_all()
    with pytest.raises(StoppedError):
        change_sets.take(entry)
    assert lab.status("network") == "ABSENT"


def test_what_is_taken_is_not_discarded_any_more(lab: Lab) -> None:
    change_sets, (entry,) = planned(lab, "network")
    change_sets.add(entry)
    change_sets.take(entry)
    change_sets.discard_all()
    assert lab.status("network") == "REVIEW_IN_PROGRESS"


def test_all_goes_that_is_open_or_named(lab: Lab) -> None:
    change_sets, (network, data, api) = planned(lab, "network", "data", "api")
    change_sets.add(network)
    change_sets.discard_all([data])
    assert [lab.status(name) for name in ("network", "data")] == ["ABSENT", "ABSENT"]
    assert lab.status("api") == "REVIEW_IN_PROGRESS"
    change_sets.discard(api)
    assert lab.status("api") == "ABSENT"


def test_one_that_aws_does_not_let_go_keeps_no_other(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_sets, entries = planned(lab, "network", "data")
    discard = CloudFormation.discard
    refused: list[object] = []

    def once(*arguments: object) -> None:
        if not refused:
            refused.append(arguments)
            raise TapgenError("not now")
        discard(*arguments)  # type: ignore[arg-type] # as they came

    monkeypatch.setattr(CloudFormation, "discard", once)
    change_sets.discard_all(entries)
    assert [lab.status(name) for name in ("network", "data")] == ["REVIEW_IN_PROGRESS", "ABSENT"]


def test_whoever_tidies_up_second_comes_back_when_all_is_gone(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_sets, (entry,) = planned(lab, "network")
    change_sets.add(entry)
    discard, at_it, go_on = CloudFormation.discard, Event(), Event()

    def slow(*arguments: object) -> None:
        at_it.set()
        assert go_on.wait(PATIENCE_SECONDS)
        discard(*arguments)  # type: ignore[arg-type] # as they came

    monkeypatch.setattr(CloudFormation, "discard", slow)
    back: list[str] = []

    def second() -> None:
        change_sets.discard_all()
        back.append(lab.status("network"))

    threads = [Thread(target=change_sets.discard_all), Thread(target=second)]
    threads[0].start()
    assert at_it.wait(PATIENCE_SECONDS)
    threads[1].start()
    threads[1].join(0.1)
    assert back == []
    go_on.set()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert back == ["ABSENT"]

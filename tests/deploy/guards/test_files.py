from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.guards.files import refuse_faulty
from tapgen.errors import TapgenError
from tapgen.model.layer import outputs_of
from tapgen.review.declared import faults

if TYPE_CHECKING:
    from tests.lab import Lab


def test_what_files_tell_is_refused_before_aws_is_asked(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q" * 81}}
    network = lab.stack("network", {"Queue": queue}, outputs={"Id": "vpc-1"})
    inputs = {**outputs_of("network", "Name"), **outputs_of("network", "Id")}
    fleet = lab.fleet(network, lab.stack("data", {"Note": lab.note()}, inputs=inputs))
    monkeypatch.setattr("tapgen.aws.account.Account.client", None)  # nobody can be asked
    with pytest.raises(TapgenError) as raised, fleet.held("deploy", SILENT, look_first=True):
        pass
    assert raised.value.message == (
        "lab cannot be deployed as it is declared:\n"
        f"  network: Queue.QueueName {'q' * 81} has 81 characters, the limit is 80\n"
        "  data: the input Name is network.Name, but the layer has no such output"
    )
    assert "`tapgen lint --env lab` shows where" in raised.value.hint


def test_nothing_is_said_of_what_is_fine(lab: Lab) -> None:
    network = lab.stack("network", {"Note": lab.note()}, outputs={"Id": "vpc-1"})
    data = lab.stack("data", {"Note": lab.note()}, inputs=outputs_of("network", "Id"))
    assert list(faults(lab.target(network, data).stacks)) == []
    refuse_faulty(lab.target(network, data))

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.cli.remarks import Remarks
from tapgen.deploy.flow.events import Note, Remark
from tapgen.deploy.flow.host import Question

if TYPE_CHECKING:
    import pytest


def test_remarks_are_passed_on_and_nothing_is_agreed_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    host = Remarks()
    host.tell(Remark("templates_out holds nothing"))
    host.tell(Note("data", "of a run"))
    assert capsys.readouterr() == ("", "templates_out holds nothing\n")
    assert not host.ask(Question("Deploy this?"))

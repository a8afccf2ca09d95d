"""What `tapgen history` prints of one release; nothing is deployed for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tapgen.cli.views.runs.history import show_one
from tapgen.model.release import Begun, Commit, Ended, Release, StackEnd
from tapgen.operations.record.releases import Detail

if TYPE_CHECKING:
    import pytest


def declared(template: str, *, kind: str = "Planned", **parameters: str) -> dict[str, Any]:
    stack = {"template_sha256": template, "parameters": parameters}
    return {"kind": kind, "stack": stack}


BEGUN = Begun(
    release=2,
    run="r",
    environment="qa",
    account_id="123456789012",
    region="eu-west-1",
    prefix="small-qa",
    command="deploy",
    caller="arn:aws:iam::123456789012:user/ana",
    began="2026-03-01T09:30:00Z",
    tapgen="1.0.0",
    platform="small",
    commit=Commit("0123456789abcdef", dirty=False),
    stacks={
        "data": declared("new", Size="2"),
        "api": declared("same", kind="Pending", Size="1"),
    },
)
EARLIER = replace(
    BEGUN, release=1, stacks={"data": declared("old", Size="1"), "api": declared("same", Size="1")}
)
ENDED = Ended(
    release=2,
    ended="2026-03-01T09:31:00Z",
    outcome="succeeded",
    stacks={"data": StackEnd("Updated", 2.0), "api": StackEnd("Updated", 3.0)},
    completed_by="arn:aws:iam::123456789012:user/ben",
)


def test_a_release_whose_end_somebody_else_wrote_is_shown_with_what_was_not_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = dict.fromkeys(BEGUN.stacks, EARLIER)
    show_one(Detail("qa", "s3://ledger", Release(BEGUN, ENDED), before), "text")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "qa release 2: deploy, succeeded"
    by = "arn:aws:iam::123456789012:user/ben"
    assert f"  end      completed later, from what AWS reported, by {by}" in lines
    (api,) = (line for line in lines if line.startswith("api"))
    assert api.split(maxsplit=4) == ["api", "updated", "3.0", "s", "not known when it was planned"]
    assert lines[-3:] == [
        "Declared differently than before",
        "  template of data",
        "  data.Size: 1 -> 2",
    ]

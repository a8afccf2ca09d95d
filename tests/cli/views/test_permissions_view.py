from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.cli.views import permissions
from tapgen.iam.policies import Roles

if TYPE_CHECKING:
    import pytest


def test_types_whose_permissions_nobody_names_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    permissions.advise("dev", "deploy", Roles(boundary="bounds"), ["AWS::CodeBuild::Project"])
    out, err = capsys.readouterr()
    assert out == ""
    assert "permissions for AWS::CodeBuild::Project are not known" in err


def test_where_nothing_is_lacking_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    permissions.advise("dev", "deploy", Roles(boundary="bounds"), [])
    assert capsys.readouterr() == ("", "")

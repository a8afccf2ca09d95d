"""What is committed in `templates_out/` is what would be rendered."""

from __future__ import annotations

from tapgen.payments.platform import PLATFORM
from tapgen.render.rendering import Rendered, file_changes
from tapgen.settings.names import names
from tests.paths import ROOT


def test_the_committed_templates_are_as_rendered(rendered: Rendered) -> None:
    changes = file_changes(rendered, ROOT / "templates_out", names(ROOT / "envs", PLATFORM.stages))
    paths = ", ".join(change.path for change in changes)
    assert not changes, f"not as rendered: {paths}. Run `tapgen render` and commit the result."

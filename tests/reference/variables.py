"""Every environment variable that tapgen reads, or leaves to what it is built upon."""

from __future__ import annotations

import re
from typing import Final

from tests.documents import spans
from tests.documents import table as table_of
from tests.paths import ROOT
from tests.reference.markdown import GENERATED, table

# Those of others, which the test of this page compares with the code.
OTHERS: Final = {
    "AWS_PROFILE": "the AWS profile; it overrides `profile` of the configuration, and `--profile` "
    "overrides both",
    "NO_COLOR": "with any value, nothing is coloured (https://no-color.org)",
    "NO_PROXY": "tapgen adds the local AWS to it if there is a proxy",
    "XDG_CACHE_HOME": "the folder of tapgen's cache; `~/.cache` by default",
}
_READ: Final = re.compile(r"\bTAPGEN_[A-Z]+(?:_[A-Z]+)*\b|(?<=environ.get\(\")[A-Z_]+")
_INTRO: Final = """\
# Environment variables

An option overrides a variable, and a variable overrides the project's configuration
([Configuration](../configuration.md)). The AWS SDK has its own variables, for example for
credentials. None of them sets the region, which is a setting.
"""


def page() -> str:
    rows = table_of((ROOT / "CONTRIBUTING.md").read_text(), "variable", "does")
    moved = [[name, text.replace("](docs/", "](../")] for name, text in rows]
    users = [row for row in moved if not read_by_tapgen().isdisjoint(spans(row[0]))]
    return "\n".join(
        [
            GENERATED,
            _INTRO,
            "## Variables of tapgen\n",
            table(["variable", "does"], users),
            "## Variables of other programs\n",
            table(["variable", "does"], ([f"`{name}`", text] for name, text in OTHERS.items())),
            "## Variables for developing tapgen\n",
            table(["variable", "does"], (row for row in moved if row not in users)),
        ]
    )


def read_by_tapgen() -> frozenset[str]:
    """The variables whose names stand in the code of tapgen."""
    return frozenset(
        name
        for path in (ROOT / "tapgen").rglob("*.py")
        if "payments/functions" not in str(path)  # those run on Lambda
        for name in _READ.findall(path.read_text())
    )

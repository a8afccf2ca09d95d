"""The functions are tested with the release of Powertools that their layer holds."""

from __future__ import annotations

import re
from typing import Final

from tapgen.payments.platform import PLATFORM
from tapgen.settings.store import load_all
from tests.paths import ROOT

# Release -> version of AWS's layers AWSLambdaPowertoolsPythonV3-*, which are numbered by release.
# Up to 3.20.0 from pull requests of aws-powertools/powertools-lambda-python that "update layer
# version number" (5344, 5426, 5562, 5785, 5869, 7354), 3.23.0 from its documentation (7757), and
# 3.31.1 from a project that names both. Each agrees with the releases counted from 3.0.0, which is
# 1. Look a new one up in the release's installation guide before the lock file takes it.
LAYERS: Final = {
    "3.1.0": 2,
    "3.2.0": 3,
    "3.3.0": 4,
    "3.4.0": 5,
    "3.4.1": 6,
    "3.20.0": 23,
    "3.23.0": 27,
    "3.31.1": 36,
}


def locked() -> str:
    text = (ROOT / "requirements.lock").read_text()
    (release,) = re.findall(r"^aws-lambda-powertools==(\S+)", text, re.MULTILINE)
    return str(release)


def test_the_tested_release_is_the_one_in_the_layer() -> None:
    environments = load_all(ROOT / "envs", PLATFORM)
    layers = {one.value("functions.powertools_layer_version") for one in environments}
    assert layers == {LAYERS.get(locked())}

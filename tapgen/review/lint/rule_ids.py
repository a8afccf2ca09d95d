"""Patterns of the names and ids of rules in acceptances; they show which tool a rule is from."""

from __future__ import annotations

import re
from typing import Final

OWN: Final = re.compile(r"[a-z]+(-[a-z]+)*")  # tapgen's own, by name
ENGINE: Final = re.compile(r"[EFWI]\d{4}")  # cfn-lint and cloudformation-validate
CHECKOV: Final = re.compile(r"CKV2?_AWS_\d+")
GUARD: Final = re.compile(r"(?!CKV)[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")  # AWS's Guard rules registry

OF_OTHER_TOOLS: Final = (ENGINE, CHECKOV, GUARD)
ALL: Final = (OWN, *OF_OTHER_TOOLS)

from __future__ import annotations

import re
from collections.abc import Iterator

from tapgen.model.limits import GLOBAL_REGION, REGION
from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, literals

# AWS's own accounts, the same for everybody: the publisher of the Powertools layers.
_OWNED_BY_AWS = frozenset({"017000801446"})
# A number in a JSON text, such as the limit in a schema, is none: accounts are strings.
_ACCOUNT = re.compile(r"""(?<!": )(?<![0-9A-Za-z])[0-9]{12}(?![0-9A-Za-z])""")
# The region of AWS's global services may be named; that nothing else hangs on it is shown by
# deploying to another region.
_REGION = re.compile(rf"(?<![a-z0-9-]){REGION.strip('^$')}(?![a-z0-9-])")


def _check(template: Template) -> Iterator[Problem]:
    for path, text in literals(template):
        for found in _ACCOUNT.findall(text):
            if found not in _OWNED_BY_AWS:
                yield Problem(path, f"has the account {found} baked in: use AWS::AccountId")
        for region in _REGION.finditer(text):
            if region[0] != GLOBAL_REGION:
                yield Problem(path, f"has the region {region[0]} baked in: use AWS::Region")


RULE = Rule("T006", "account-literal", "error", "No account or region is baked in.", _check)

"""Recognises card numbers, so that none is ever accepted by accident (PCI DSS 4, requirement 3)."""

from __future__ import annotations

import re

# 12 to 19 digits (ISO/IEC 7812-1), blanks, dots or dashes between them. `\d` takes the digits of
# every script, `\s` every blank. Not part of a longer word or of a UUID, whose hexadecimal groups
# hang together by dashes: about one in a thousand random UUIDs would pass for a card otherwise.
_CANDIDATE = re.compile(
    r"""
    (?<! [^\W_] ) (?<! [0-9A-Fa-f]- )
    \d (?: [\s.\-\u2010-\u2015\u2212]{0,2} \d ){11,18}
    (?! [^\W_] ) (?! -[0-9A-Fa-f] )
    """,
    re.VERBOSE,
)


def has_card_number(text: str) -> bool:
    """Whether the text holds something that looks like a card number (PAN)."""
    return any(_passes_luhn(match.group()) for match in _CANDIDATE.finditer(text))


def _passes_luhn(candidate: str) -> bool:
    """The check of ISO/IEC 7812-1, annex B: every second digit from the right counts double."""
    digits = [int(character) for character in reversed(candidate) if character.isdecimal()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0

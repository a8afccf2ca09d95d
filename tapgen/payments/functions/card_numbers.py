"""Detection of card numbers, so that none is ever accepted by accident (PCI DSS 4, requirement 3).

It searches for three forms: digits in a row, groups of digits as embossed on a card (also followed
by an expiry date or a security code), and digits with spaces, dots or dashes between them. A match
that passes the Luhn check counts as a card number, so one in ten other numbers in such a form is
rejected too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Hexadecimal ids are ignored: about one in a thousand random ids would count as a card number.
_HEXADECIMAL = re.compile(
    r"""
    (?<! [0-9a-f] )
    (?: [0-9a-f]{8} (?: - [0-9a-f]{4} ){3} - [0-9a-f]{12} | [0-9a-f]{32,64} )
    (?! [0-9a-f] )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# 12 to 19 digits (ISO/IEC 7812-1). `\d` matches the digits of every script. No match is part of a
# longer run of digits; adjacent letters do not matter.
_IN_A_ROW = re.compile(r"(?<!\d) \d{12,19} (?!\d)", re.VERBOSE)
# Not `:`, or every date with a time of day would be a candidate.
_SCATTERED = re.compile(
    r"(?<!\d) \d (?: [\s._\-\u2010-\u2015\u2212]{0,2} \d ){11,18} (?!\d)", re.VERBOSE
)
# Groups of 4-4-4-4, 4-4-4-4-3 (19 digits), 4-6-5 and 4-6-4, with any characters between them. The
# lookahead consumes nothing, so the next candidate may start inside this one.
_EMBOSSED = tuple(
    re.compile(
        r"(?<!\d) (?= ( "
        + r" (?: [^\w] | _ ){1,3} ".join(rf"\d{{{digits}}}" for digits in groups)
        + r" ) (?!\d) )",
        re.VERBOSE,
    )
    for groups in ((4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5), (4, 6, 4))
)


def has_card_number(text: str) -> bool:
    """Whether the text contains something that looks like a card number (PAN)."""
    plain = _HEXADECIMAL.sub("x", unicodedata.normalize("NFKC", text))
    return any(map(_passes_luhn, _candidates(plain)))


def _candidates(text: str) -> Iterator[str]:
    yield from (match.group() for match in _IN_A_ROW.finditer(text))
    yield from (match.group() for match in _SCATTERED.finditer(text))
    for groups in _EMBOSSED:
        yield from (match.group(1) for match in groups.finditer(text))


def _passes_luhn(candidate: str) -> bool:
    """The check of ISO/IEC 7812-1, annex B: every second digit from the right counts double."""
    digits = [int(character) for character in reversed(candidate) if character.isdecimal()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0

"""Money: an integer of minor units and an ISO 4217 code. Never a float."""

from typing import Annotated

from pydantic import AfterValidator, Field

# Twelve digits are the limit of a card network's message (ISO 8583, data element 4, "n 12"). Card
# numbers have more digits, so a card number sent as an amount is not stored. Every JSON parser
# keeps such numbers exactly (RFC 8259, section 6).
MAX_MINOR_UNITS = 10**12 - 1

# ISO 4217, list one, as published on 2025-05-12, without: BGN (Bulgaria has the euro since
# 2026-01-01), the funds codes (BOV, CHE, CHW, CLF, COU, MXV, USN, UYI, UYW), which are units of
# account, and the codes that have no minor unit (metals, bond units, XDR, XSU, XUA, XTS, XXX).
CURRENCIES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
    CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD
    KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO
    NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE
    SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND
    VUV WST XAD XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905 - 156 quoted strings would be harder to compare with the list
)


def _active(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("not an active ISO 4217 code in capital letters")
    return code


Amount = Annotated[int, Field(strict=True, gt=0, le=MAX_MINOR_UNITS)]
Currency = Annotated[str, AfterValidator(_active)]

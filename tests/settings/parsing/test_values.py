from __future__ import annotations

import pytest

from tapgen.payments.platform import PLATFORM
from tapgen.settings.parsing.document import FAULTY, read_document

CLOUDWATCH = (
    "one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, "
    "2557, 2922, 3288, 3653"
)
ACCOUNT = "12 digits in quotes, for instance 111111111111"
NAME = (
    "lower-case letters, digits and hyphens, at most 12 characters, a letter first, for instance "
)
QUOTED = "in quotes it would not be accepted either: "


def one(text: str) -> tuple[object, str]:
    """The value of the only setting in `text`, and the fault if there is one."""
    document = read_document(text.encode(), "f", PLATFORM)
    (written,) = document.entries.values()
    return written.value, "\n".join(map(str, document.faults))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("protection: true", True),
        ("protection: false", False),
        ("data: {read_capacity: 5}", 5),
        ("functions: {reserved_concurrency: 0}", 0),
        ("retention: {cloudwatch_days: 400}", 400),
        ("network: {nat: none}", "none"),
        ("network: {nat: per-az}", "per-az"),
        ("network: {cidr: 10.10.0.0/16}", "10.10.0.0/16"),
        ("network: {interface_endpoints: []}", ()),
        ("network: {interface_endpoints: [logs, 'kms']}", ("logs", "kms")),
        ('account_id: "012345678901"', "012345678901"),
        ("account_id: '111111111111'", "111111111111"),
        ("name: 'no'", "no"),
        ("project: payments", "payments"),
        ("domain: api.example.com", "api.example.com"),
        ("domain: null", None),
        ("domain: ~", None),
        ("domain:", None),
        ("alarms: {email: a@example.com}", "a@example.com"),
        ("api: {execution_log_level: 'OFF'}", "OFF"),
    ],
)
def test_a_value_is_read_as_the_type_of_its_setting(text: str, value: object) -> None:
    assert one(text) == (value, "")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        # Account ids, the leading zero above all.
        (
            "account_id: 111111111111",
            (
                "f:1:13: account_id: 111111111111 is a number to YAML; "
                'put it in quotes: "111111111111"'
            ),
        ),
        (
            "account_id: 012345670123",
            (
                "f:1:13: account_id: 012345670123 is a number to YAML, which alters it "
                '(a leading zero is lost); put it in quotes: "012345670123"'
            ),
        ),
        (
            "account_id: 012345678901",  # no octal digits: text to YAML 1.1, a number to 1.2
            (
                "f:1:13: account_id: 012345678901 is a number to YAML, which alters it "
                '(a leading zero is lost); put it in quotes: "012345678901"'
            ),
        ),
        ('account_id: "1234"', f'f:1:13: account_id: "1234" does not fit; {ACCOUNT}'),
        ("account_id: null", f"f:1:13: account_id: has no value; {ACCOUNT}"),
        # Norway, and other text that YAML reads as something else.
        ("name: no", 'f:1:7: name: no is a boolean to YAML; put it in quotes: "no"'),
        ("cost_center: NO", 'f:1:14: cost_center: NO is a boolean to YAML; put it in quotes: "NO"'),
        ("project: on", 'f:1:10: project: on is a boolean to YAML; put it in quotes: "on"'),
        (
            "api: {execution_log_level: OFF}",
            'f:1:28: api.execution_log_level: OFF is a boolean to YAML; put it in quotes: "OFF"',
        ),
        ("name: 12:30:45", f"f:1:7: name: 12:30:45 is a number to YAML; {QUOTED}{NAME}staging"),
        ("name: 2024-01-01", f"f:1:7: name: 2024-01-01 is a date to YAML; {QUOTED}{NAME}staging"),
        ("name: 1.5", f"f:1:7: name: 1.5 is a number to YAML; {QUOTED}{NAME}staging"),
        ("account_id: 0123", f"(a leading zero is lost); {QUOTED}{ACCOUNT}"),
        ("cost_center: 001", '(a leading zero is lost); put it in quotes: "001"'),
        ("cost_center: 2026-01-01", 'is a date to YAML; put it in quotes: "2026-01-01"'),
        (
            "network: {nat: no}",
            f"no is a boolean to YAML; {QUOTED}did you mean none? one of none, per-az, single",
        ),
        (
            "network: {nat: off}",
            f"off is a boolean to YAML; {QUOTED}one of none, per-az, single",
        ),
        ("network: {nat: 1}", f"1 is a number to YAML; {QUOTED}one of none, per-az, single"),
        ("cost_center: 100E2", "f:1:14: cost_center: 100E2 is a number to YAML, which alters it"),
        ("cost_center: 0o17", "f:1:14: cost_center: 0o17 is a number to YAML, which alters it"),
        ("name: =", f"f:1:7: name: = is not text to YAML; {QUOTED}{NAME}staging"),
        # Text.
        (
            'cost_center: "Team Payments (EU)"',
            (
                '"Team Payments (EU)" does not fit: "e" (character 2) is not allowed; upper-case '
                "letters, digits and hyphens, 2 to 32 characters, no hyphen first, for instance "
                "TEAM-PAYMENTS-EU"
            ),
        ),
        ('cost_center: "EU 1"', '"EU 1" does not fit: a space (character 3) is not allowed; upper'),
        ('account_id: "1111-1111-1111"', '"-" (character 5) is not allowed; 12 digits in quotes'),
        ('account_id: "1111-1111-1111"', "for instance 111111111111"),
        ("domain: Api.Example.com", "does not fit; a domain in lower case, for instance api.exam"),
        ("domain: 'https://a.com/'", "a domain in lower case, for instance dev.api.example.com"),
        ("network: {cidr: 10.10.0.0}", "a private IPv4 range from /16 to /22, for instance 10.10."),
        (
            'name: "Dev"',
            f'f:1:7: name: "Dev" does not fit: "D" (character 1) is not allowed; {NAME}dev',
        ),
        ('name: "../dev"', f'"../dev" does not fit: "." (character 1) is not allowed; {NAME}dev'),
        (
            'name: "dev\\n"',
            'f:1:7: name: "dev\\n" does not fit: "\\n" (character 4) is not allowed; ',
        ),
        (
            'name: "\\e[31mdev"',
            'f:1:7: name: "\\x1b[31mdev" does not fit: "\\x1b" (character 1) is not a',
        ),
        (
            'name: "\\u202edev"',
            'f:1:7: name: "\\u202edev" does not fit: "\\u202e" (character 1) is not a',
        ),
        (f"name: {'x' * 99}", f'f:1:7: name: "{"x" * 57}..." does not fit; '),
        ("name: [dev]", f"f:1:7: name: is a list; write one value: {NAME}staging"),
        ("name: {a: b}", f"f:1:7: name: is a mapping; write one value: {NAME}staging"),
        (
            "network: {nat: singel}",
            (
                'f:1:16: network.nat: "singel" is not accepted; '
                "did you mean single? one of none, per-az, single"
            ),
        ),
        ("network: {nat: 'true'}", '"true" is not accepted; one of none, per-az, single'),
        # Booleans.
        (
            "protection: no",
            ('f:1:13: protection: "no" is neither true nor false; write false, without quotes'),
        ),
        ("protection: on", '"on" is neither true nor false; write true, without quotes'),
        ("protection: maybe", '"maybe" is neither true nor false; write true or false, without'),
        ("protection: True", '"True" is neither true nor false; write true, without'),
        ("protection: 1", '"1" is neither true nor false; write true, without'),
        ("protection: 'true'", '"true" is text; write true, without quotes'),
        ("protection:", "f:1:12: protection: has no value; true or false"),
        # Whole numbers.
        (
            "data: {read_capacity: 5000}",
            "f:1:23: data.read_capacity: 5000 is above 1000; a whole number from 1 to 1000",
        ),
        (
            "data: {read_capacity: -5}",
            "f:1:23: data.read_capacity: -5 is below 1; a whole number from 1 to 1000",
        ),
        ("data: {read_capacity: 010}", '"010" is not a whole number in plain digits; write a'),
        ("data: {read_capacity: 1_0}", '"1_0" is not a whole number in plain digits; write a'),
        ("data: {read_capacity: 0x10}", '"0x10" is not a whole number in plain digits; write a'),
        ("data: {read_capacity: 1:30}", '"1:30" is not a whole number in plain digits; write a'),
        ("data: {read_capacity: 1.0}", '"1.0" is not a whole number in plain digits; write a'),
        ("data: {read_capacity: true}", '"true" is not a whole number in plain digits; write a'),
        (f"data: {{read_capacity: {'9' * 5000}}}", "is not a whole number in plain digits; write"),
        (
            "data: {read_capacity: '5'}",
            '"5" is text; write a whole number from 1 to 1000 without quotes',
        ),
        ("retention: {cloudwatch_days: 45}", f"45 is not accepted; {CLOUDWATCH}"),
        # Lists.
        (
            "network: {interface_endpoints: logs}",
            "network.interface_endpoints: is not a list; write [kms, logs, sqs, sts, xray]",
        ),
        (
            "network: {interface_endpoints: [logs, log]}",
            (
                'f:1:39: network.interface_endpoints: "log" is not accepted; '
                "did you mean logs? any of kms, logs, sqs, sts, xray"
            ),
        ),
        (
            "network: {interface_endpoints: [logs, sqs, logs]}",
            'f:1:44: network.interface_endpoints: "logs" is listed twice; keep one',
        ),
        ("network: {interface_endpoints: [[logs]]}", "is a list; write one value: any of kms,"),
        ("network: {interface_endpoints: null}", "has no value; any of kms, logs, sqs, sts, xray"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(text: str, fault: str) -> None:
    value, message = one(text)
    assert value is FAULTY
    assert fault in message
    assert "\n" not in message

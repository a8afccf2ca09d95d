from __future__ import annotations

from tapgen.payments.platform import PLATFORM
from tapgen.settings.parsing.document import FAULTY, read_document


def faults(text: str) -> list[str]:
    return [str(fault) for fault in read_document(text.encode(), "f", PLATFORM).faults]


def test_settings_are_flat_with_the_place_of_their_value() -> None:
    document = read_document(b"name: qa\ndata:\n  read_capacity: 7\n", "f", PLATFORM)
    assert {
        setting: (written.value, str(written.source))
        for setting, written in document.entries.items()
    } == {"name": ("qa", "f:1:7"), "data.read_capacity": (7, "f:3:18")}
    assert str(document.sections["data"]) == "f:2:1"


def test_an_unknown_setting_is_refused_with_the_one_that_was_meant() -> None:
    assert faults("data:\n  red_capacity: 5\n") == [
        "f:2:3: data.red_capacity: there is no such setting; did you mean data.read_capacity?"
    ]
    assert faults("acount_id: '1'\n") == [
        "f:1:1: acount_id: there is no such setting; did you mean account_id?"
    ]
    assert faults("netwrok:\n  cidr: 10.0.0.0/16\n") == [
        "f:1:1: netwrok: there is no such setting; did you mean network?"
    ]


def test_a_setting_in_the_wrong_place_is_told_where_it_belongs() -> None:
    assert faults("read_capacity: 5\n") == [
        "f:1:1: read_capacity: there is no such setting; read_capacity belongs under data:"
    ]
    assert faults("data.read_capacity: 5\n") == [
        "f:1:1: data.read_capacity: there is no such setting; read_capacity belongs under data:"
    ]
    assert faults("data:\n  protection: true\n") == [
        "f:2:3: data.protection: there is no such setting; protection belongs at the top level"
    ]


def test_a_setting_like_no_other_is_answered_with_what_there_is() -> None:
    assert faults("cdn:\n  zzz: 5\n") == [
        "f:2:3: cdn.zzz: there is no such setting; cdn accepts price_class"
    ]
    (fault,) = faults(f"{'x' * 500}: 5\n")
    assert "there is no such setting; the top level accepts name, project, " in fault
    assert "x" * 61 not in fault


def test_a_name_cannot_smuggle_escapes_into_the_terminal() -> None:
    assert faults('"\\e[2Jname": 5\n')[0].startswith("f:1:1: \\x1b[2Jname: there is no such")


def test_what_was_meant_by_a_misspelt_setting_is_not_missed_again() -> None:
    document = read_document(b"data:\n  red_capacity: 5\n", "f", PLATFORM)
    assert document.entries["data.read_capacity"].value is FAULTY


def test_a_misspelt_setting_does_not_hide_the_right_one() -> None:
    document = read_document(b"data:\n  read_capacity: 7\n  red_capacity: 5\n", "f", PLATFORM)
    assert document.entries["data.read_capacity"].value == 7


def test_a_section_without_settings_is_refused_once() -> None:
    for text in ("data:\n", "data: 5\n", "data: [a]\n"):
        document = read_document(text.encode(), "f", PLATFORM)
        assert [str(fault) for fault in document.faults] == [
            (
                "f:1:1: data: is a section and needs settings; "
                "indent its settings below it, or remove the line"
            )
        ]
        assert document.entries["data.read_capacity"].value is FAULTY

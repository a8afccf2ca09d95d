"""What the page says of reports that the shipped project does not give."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapgen.cli.views import cost
from tapgen.cli.views.report import parts
from tapgen.cli.views.report.page import html
from tapgen.model.changes.differences import ABSENT
from tapgen.model.release import Release
from tapgen.payments.layers.registry import LAYERS
from tapgen.payments.platform import PLATFORM
from tapgen.render.rendering import Rendered
from tapgen.review.cost.estimate import estimate
from tapgen.review.cost.quantities import Usage
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.report import (
    Comparison,
    EnvironmentDiff,
    LayerDiff,
    PropertyChange,
    ResourceChange,
    StackChange,
)
from tapgen.review.lint.findings import Finding
from tapgen.review.parity.comparison import compare
from tapgen.review.parity.matrix import matrix
from tapgen.review.report import NotCompared, Report
from tapgen.settings.environment import Environment
from tapgen.settings.faults import printable
from tapgen.settings.store import load_all
from tests.cli.views.diff.test_diff_views import comparison
from tests.cli.views.runs.test_history_view import BEGUN, ENDED
from tests.conftest import ENVS

NOTHING = Comparison("main", {})


class Parsed(HTMLParser):
    """The elements and the text of a page as a browser reads it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def environments() -> tuple[Environment, ...]:
    return load_all(ENVS, PLATFORM)


@pytest.fixture(scope="module")
def report(environments: tuple[Environment, ...], rendered: Rendered) -> Report:
    """The shipped environments, nothing changed and nothing found."""
    parity = compare(PLATFORM, rendered.stacks)
    return Report(environments, matrix(environments, rendered, parity), parity, (), NOTHING)


@pytest.fixture(scope="module")
def blank() -> Report:
    return Report((), (), compare(PLATFORM, {}), (), NOTHING)


def only(report: Report, rendered: Rendered, *names: str) -> Report:
    chosen = [one for one in report.environments if one.name in names]
    stacks = {name: rendered.stacks[name] for name in names}
    parity = compare(PLATFORM, stacks)
    part = replace(rendered, stacks=stacks)
    return Report(tuple(chosen), matrix(chosen, part, parity), parity, (), NOTHING)


def changed(layers: Sequence[LayerDiff]) -> Comparison:
    return Comparison(
        "main", {"dev": EnvironmentDiff("dev", protected=False, layers=tuple(layers))}
    )


def resource(effect: Effect, **about: Any) -> ResourceChange:
    return ResourceChange("data", "Key", "AWS::KMS::Key", "modify", effect, **about)


def answers(report: Report) -> list[tuple[str, str, str]]:
    return [(one.answer, one.note, one.tone) for one in parts.figures(report)]


def test_when_all_is_well_the_answers_say_so(report: Report) -> None:
    layers = len(LAYERS)
    may = len(parts.parameters(report.parity, allowed=True))
    assert may > 10
    assert answers(report) == [
        ("no change", "0 of 0 stacks differ", "good"),
        ("none", "by cfn-lint and tapgen's own rules", "good"),
        ("identical", f"except for {may} parameters that may vary", "good"),
        (str(3 * layers), f"{layers} layers in 3 environments", "plain"),
    ]
    text = Parsed(html(report)).text
    assert f"find nothing in {layers} templates with the values of dev, staging, prod." in text
    assert "No parameter differs that must not." in text


def test_nothing_is_claimed_that_was_not_looked_at(report: Report) -> None:
    blind = replace(report, findings=None, impact=NotCompared("there is no main branch"))
    assert answers(blind)[:2] == [
        ("not compared", "nothing to compare with", "yellow"),
        ("not checked", "made with --no-lint", "yellow"),
    ]
    text = Parsed(html(blind)).text
    assert "Nothing to compare with: there is no main branch." in text
    assert "Not checked: this report was made with --no-lint ." in text


def test_history_is_shown_where_it_was_asked_for(report: Report) -> None:
    assert "Not included: tapgen report --history shows" in Parsed(html(report)).text
    releases = (Release(BEGUN, ENDED), Release(replace(BEGUN, release=1), None))
    asked = replace(report, history={"dev": releases, "qa": (), "prod": "No ledger. Make one."})
    text = Parsed(html(asked)).text
    assert "Releases of dev" in text
    assert "2 2026-03-01 09:30:00" in text
    assert "under way" in text
    assert "qa has no release yet." in text
    assert "prod: the ledger cannot be read: No ledger. Make one." in text


def test_the_page_is_named_by_its_project(report: Report) -> None:
    page = html(report)
    assert "<title>payments: dev, staging, prod - tapgen report</title>" in page
    assert "<h1>payments</h1>" in page


def test_the_worst_finding_sets_the_tone(report: Report) -> None:
    finding = Finding("a.json", 1, 1, "I3011", "x", "informational", "text")
    found = replace(report, findings=(finding, replace(finding, severity="warning"), finding))
    assert answers(found)[1] == ("3", "1 warning, 2 informational", "yellow")


@pytest.mark.parametrize(
    ("layer", "answer"),
    [
        (
            LayerDiff("data", "changed", (resource(Effect.REPLACEMENT, refused=True),)),
            ("replacement", "1 of 1 stacks differ, 1 change refused", "red"),
        ),
        (
            LayerDiff("data", "changed", (resource(Effect.IN_PLACE),)),
            ("in place", "1 of 1 stacks differ", "plain"),
        ),
        (
            LayerDiff("data", "changed", stack=(StackChange("tag", "Owner", "a", "b"),)),
            ("no resource touched", "1 of 1 stacks differ", "good"),
        ),
        (LayerDiff("data", "same"), ("no change", "0 of 1 stacks differ", "good")),
    ],
)
def test_the_worst_effect_is_the_answer(
    report: Report, layer: LayerDiff, answer: tuple[str, str, str]
) -> None:
    assert answers(replace(report, impact=changed([layer])))[0] == answer


def test_one_environment_alone_is_compared_with_nothing(report: Report, rendered: Rendered) -> None:
    alone = only(report, rendered, "dev")
    assert answers(alone)[2] == ("only one", "nothing to compare it with", "plain")
    text = Parsed(html(alone)).text
    assert "There is no other environment to compare dev with." in text
    assert "template only one" in text


def test_a_layer_that_nobody_has_is_called_left_out(report: Report) -> None:
    row = replace(report.matrix[0], parity=None)
    assert parts.same(row) == ("left out everywhere", "plain")


def test_what_must_not_differ_is_counted(report: Report, rendered: Rendered) -> None:
    def with_values(environment: str, **values: str) -> Any:
        stacks = rendered.stacks[environment]
        return tuple(
            replace(one, parameters={**one.parameters, **values}) if one.layer == "compute" else one
            for one in stacks
        )

    one = compare(PLATFORM, {**rendered.stacks, "dev": with_values("dev", LogLevel="DEBUG")})
    two = compare(
        PLATFORM, {**rendered.stacks, "dev": with_values("dev", LogLevel="", Unknown="x")}
    )
    for parity, note in (
        (one, "1 parameter must not differ"),
        (two, "2 parameters must not differ"),
    ):
        (layer,) = [layer for layer in parity.layers if layer.layer == "compute"]
        row = replace(next(r for r in report.matrix if r.layer.name == "compute"), parity=layer)
        assert parts.same(row) == (f"template identical, code identical, {note}", "red")
        assert answers(replace(report, parity=parity))[2] == ("NOT identical", note, "red")
    found = {p.name: (p.origin, p.values["dev"], p.values["prod"]) for p in
             parts.parameters(two, allowed=False)}  # fmt: skip
    assert found == {
        "LogLevel": ("functions.log_level", '""', "INFO"),
        "Unknown": ("nothing declared", "x", "none"),
    }


def test_an_environment_without_the_layer_has_no_value(rendered: Rendered) -> None:
    without = tuple(stack for stack in rendered.stacks["dev"] if stack.layer != "dns")
    parity = compare(PLATFORM, {**rendered.stacks, "dev": without})
    found = [one for one in parts.parameters(parity, allowed=True) if "dns" in one.layers]
    assert [(one.name, one.values["dev"]) for one in found] == [("DomainName", "left out")]


def test_layers_and_environments_that_are_gone_are_told_too(report: Report) -> None:
    gone = changed([LayerDiff("archive", "removed", (resource(Effect.RETAINED),))])
    gone = replace(gone, environments={"qa": replace(gone.environments["dev"], environment="qa")})
    found = replace(report, impact=gone)
    assert parts.environment_names(found) == ["dev", "staging", "prod", "qa"]
    assert parts.layer_names(found)[-1] == "archive"
    page = html(found)
    assert "#layer-archive" not in page  # there is nothing to lead to
    assert "stack removed" in page


def test_every_kind_of_change_is_told(report: Report) -> None:
    found = replace(report, impact=comparison())
    text = Parsed(html(found)).text
    for said in (
        "refused: prod is protected",
        "aws cloudformation create-stack-refactor",
        "stack added",
        "Unchanged:",
        "replacement, data loss",
        "reaches",
    ):
        assert said in text, said
    ids = re.findall(r' id="([^"]*)"', html(found))
    assert len(ids) == len(set(ids))


def test_a_template_that_differs_in_words_only_and_a_stack_without_own_changes(
    report: Report,
) -> None:
    layers = [
        LayerDiff("network", "changed", template_differs=True),
        LayerDiff("data", "changed", (resource(Effect.IN_PLACE),)),
    ]
    text = Parsed(html(replace(report, impact=changed(layers)))).text
    assert "the template differs, but no resource" in text
    assert "data 1 in place dev" in text


def test_long_values_are_shown_short_and_whole() -> None:
    assert parts.values("a", "b").whole is None
    long = parts.values("x" * 200, ["y"] * 100)
    assert (len(long.before), len(long.after)) == (59, 59)
    assert long.whole
    assert long.whole[0] == "x" * 200


def test_what_came_and_what_has_gone_have_one_side() -> None:
    assert parts.values(ABSENT, "b") == ("", "b", None, "+")
    assert parts.values("a", ABSENT) == ("a", "", None, "-")
    gone = parts.values(["x" * 200], ABSENT)
    assert gone.whole == (f'["{"x" * 200}"]', "")
    assert len(gone.before) == 59
    assert parts.values(ABSENT, ["x" * 200]).whole == ("", f'["{"x" * 200}"]')


def test_fingerprints_are_told_as_such_and_whole_where_asked_for() -> None:
    before, after = (f"0123456789ab functions/{name}.zip 512" for name in ("a", "b"))
    assert parts.values(before, after) == ("a fingerprint", "a different one", (before, after), "")


def test_a_page_of_many_environments_has_no_column_for_each(
    environments: tuple[Environment, ...], rendered: Rendered
) -> None:
    names = [f"e{n:02}" for n in range(10)]
    settings = [msgspec.structs.replace(environments[0].settings, name=name) for name in names]
    many = tuple(replace(environments[0], settings=one) for one in settings)
    stacks = {
        name: tuple(
            replace(one, environment=name)
            for one in rendered.stacks["prod" if name == "e09" else "dev"]
        )
        for name in names
    }
    whole = replace(rendered, stacks=stacks)
    parity = compare(PLATFORM, whole.stacks)
    found = Report(many, matrix(many, whole, parity), parity, (), NOTHING)
    page = html(found)
    text = Parsed(page).text
    assert "payments: e00, e01, e02, e03, e04, e05 and 4 more - tapgen report" in text
    assert 'scope="col" data-env' not in page
    (network, *_) = found.matrix
    ((sha, of),) = parts.stacks_of(network)
    assert of == names
    assert f"network {sha} in e00, e01, e02, e03, e04, e05 and 4 more" in text
    assert "MemoryMb 512 in e00, e01, e02, e03, e04, e05 and 3 more 3008 in e09" in text
    assert page.count(many[0].account_id) == 10
    left = replace(network.cells[0], stack=None, reason="no domain")
    assert parts.stacks_of(replace(network, cells=(left,)))[0][0] == "left out: no domain"


def test_resources_that_are_changed_alike_are_one_row(report: Report) -> None:
    told = PropertyChange("Tags/A/Value", "a", "b", Effect.IN_PLACE)
    resources = tuple(
        replace(resource(Effect.IN_PLACE, properties=(told,)), logical_id=f"Key{n}")
        for n in range(5)
    )
    impact = changed([LayerDiff("data", "changed", resources)])
    page = html(replace(report, impact=impact))
    assert page.count("Tags/A/Value") == 1
    assert "and 4 more, changed in the same way data.Key1" in Parsed(page).text


def test_what_is_the_same_in_many_environments_is_one_row(report: Report) -> None:
    layer = LayerDiff("data", "changed", (resource(Effect.IN_PLACE),))
    diffs = {f"e{n:03}": EnvironmentDiff(f"e{n:03}", False, (layer,)) for n in range(100)}
    diffs["same"] = EnvironmentDiff("same", False, (LayerDiff("data", "same"),))
    page = html(replace(report, impact=Comparison("main", diffs)))
    assert page.count("AWS::KMS::Key") == 1
    text = Parsed(page).text
    assert "all 100 that differ" in text
    assert "The same as main: same." in text
    assert parts.where(["a", "b"], ["a", "b", "c"]) == "a, b"


def test_the_policy_names_the_page_s_own_style_and_script_and_nothing_else(report: Report) -> None:
    page = html(report)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    sources = dict(part.split(" ", 1) for part in policy.replace("&#39;", "'").split("; "))
    assert sources["default-src"] == "'none'"
    assert sources["script-src"].count("'sha256-") == sources["style-src"].count("'sha256-") == 1
    assert "unsafe" not in policy
    assert page.count("<script>") == page.count("<style>") == 1
    assert not re.search(r"\s(style|on\w+)=", page)


def hostile(report: Report, text: str) -> Report:
    """The text wherever a file, a setting or a template can put one."""
    change = resource(
        Effect.IN_PLACE,
        properties=(PropertyChange(text, text, f"after {text}", Effect.VERSION, reason=text),),
        notes=(text,),
    )
    layer = LayerDiff("data", "changed", (change,), stack=(StackChange("tag", text, text, text),))
    finding = Finding("a", 1, 1, text, text, "error", f"says {text}", text, text, (), text, text)
    impact = replace(changed([layer]), against=text)
    return replace(report, impact=impact, findings=(finding,))


@given(
    text=st.text(min_size=1, max_size=5)  # written out as escapes, still on one line
    | st.sampled_from(["</script><b>", "</style><b>", "\"'><img>", "{{ 1 }}", "\x1b[2J", "--><!--"])
)
@settings(max_examples=30)
def test_any_value_is_shown_as_text(blank: Report, text: str) -> None:
    parsed = Parsed(html(hostile(blank, text)))
    assert parsed.tags == Parsed(html(hostile(blank, "harmless"))).tags
    assert f"says {printable(text)}" in parsed.texts
    assert f"after {printable(text)}" in parsed.texts
    assert all(part.replace("\n", " ").isprintable() for part in parsed.texts)


def test_only_addresses_on_the_web_become_links(report: Report) -> None:
    finding = Finding("a", 1, 1, "R", "r", "error", "m", url="data:x")
    found = replace(report, findings=(finding,))
    links = [value for name, value in Parsed(html(found)).attributes if name == "href"]
    assert not [link for link in links if link and link.startswith("data:x")]
    linked = replace(found, findings=(replace(finding, url="https://example.com/R"),))
    assert ("href", "https://example.com/R") in Parsed(html(linked)).attributes


def test_of_many_environments_costs_have_a_row_each(rendered: Rendered) -> None:
    chosen = load_all(ENVS, PLATFORM)
    estimates = {one.name: estimate(rendered.stacks[one.name], Usage()) for one in chosen}
    many = {f"e{number}": estimates["dev"] for number in range(20)} | estimates
    columns, rows = (
        next(iter(cost.standing(many, in_columns=in_columns))) for in_columns in (True, False)
    )
    assert columns.headings == ["layer", *many]
    assert rows.headings == ("environment", "fixed", "by usage", "total")
    # Those that cost the same share a row.
    assert len(rows.rows) == 3
    assert rows.rows[0][0].startswith("e0, e1")

"""Numbers in running text are those of the code, the templates and the measurements.

A number that somebody may change without thinking of a document has an entry here. Numbers that
are only history, or AWS's own, have none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from configparser import ConfigParser
from functools import cache
from math import ceil, floor
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from benchmarks import results
from benchmarks.endpoint.clock import LAYER_SECONDS, Times
from benchmarks.rows.deploy import bound
from benchmarks.rows.deploy_30 import RATE
from tapgen.aws import account, pace, polling
from tapgen.aws.cloudformation import watch
from tapgen.aws.resources.retained import KINDS
from tapgen.cli import boundary
from tapgen.deploy.flow import parallel as together_
from tapgen.deploy.plan import plan_files, planner
from tapgen.deploy.run.step import Choices
from tapgen.deploy.target import lock
from tapgen.iam import policies
from tapgen.local.server import PREFERRED_PORT
from tapgen.model.templates import seal
from tapgen.payments.layers.registry import LAYERS
from tapgen.payments.platform import PLATFORM
from tapgen.payments.settings import PaymentsSettings
from tapgen.render.memory import evidence, store
from tapgen.settings.fields import fields
from tapgen.settings.store import load
from tests.documents import DOCUMENTS, prose
from tests.paths import ROOT
from tests.proof import consent
from tests.review.diff.test_requirements import documented

WORDS: Final = (
    *("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    *("nineteen", "twenty"),
)
WORD: Final = {word: float(number) for number, word in enumerate(WORDS)} | {
    "a": 1.0,
    "a dozen": 12.0,
    "thirty": 30.0,
    "ninety": 90.0,
}
NUMBER: Final = rf"(\d[\d,]*(?:\.\d+)?|{'|'.join(sorted(WORD, key=len, reverse=True))})"


# What is counted more often than anything else, and grows. Each such count has an entry below, or
# stands here because it does not depend on how many there are.
COUNTED: Final = (
    rf"\b{NUMBER} (?:[\w-]+ )?(?:layers|templates|stacks|modules|commands|comparisons)\b"
)
FREE: Final = {
    "origin.md": {"two stacks"},  # api and cdn
    "performance.md": {"4 layers", "11 layers"},  # in rows that the benchmarks write
    "restore.md": {"two commands"},  # of the box above
}


class Claim(NamedTuple):
    """A piece of a document's text, `{}` in the place of each number, and what these have to be."""

    page: str
    text: str
    numbers: tuple[float, ...]


def template(layer: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "templates_out" / f"{layer}.json").read_text())
    return found


def of_type(layer: str, kind: str) -> list[dict[str, Any]]:
    """The properties of a template's resources of a type."""
    resources = template(layer)["Resources"].values()
    return [one["Properties"] for one in resources if one["Type"] == kind]


def only(found: Iterable[Any]) -> float:
    """The one value that all of them have."""
    (one,) = set(found)
    return float(one)


def high(setting: str) -> float:
    found = fields(PLATFORM)[setting].high
    assert found is not None
    return float(found)


@cache
def claims() -> list[Claim]:
    """Every claim; where a value comes from stands beside it."""
    return [*of_the_platform(), *of_guards_and_calls(), *of_performance()]


def of_the_platform() -> list[Claim]:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    python = float(setup["options"]["python_requires"].removeprefix(">="))
    clients = of_type("identity", "AWS::Cognito::UserPoolClient")
    token_minutes = only(client["AccessTokenValidity"] for client in clients)
    secrets = of_type("api", "AWS::SecretsManager::Secret")
    characters = only(secret["GenerateSecretString"]["PasswordLength"] for secret in secrets)
    acls = [*of_type("api", "AWS::WAFv2::WebACL"), *of_type("cdn", "AWS::WAFv2::WebACL")]
    acl_rules = sum(len(acl["Rules"]) for acl in acls)
    prod = load(ROOT / "envs", PLATFORM, "prod").settings
    assert isinstance(prod, PaymentsSettings)
    return [
        Claim("README.md", "{} builder modules", (len(LAYERS),)),
        Claim("README.md", "Both commands need only Python {}+", (python,)),
        Claim("CONTRIBUTING.md", "need Python {}+", (python,)),
        Claim("callers.md", "A token lasts {} minutes", (token_minutes,)),
        Claim("callers.md", "would take {} minutes", (token_minutes,)),
        Claim("callers.md", "There are {} app clients", (len(clients),)),
        Claim("aws-tests.md", "for {} minutes", (consent.JOURNEY_MINUTES,)),
        Claim("aws-tests.md", "The {} minutes are", (consent.JOURNEY_MINUTES,)),
        Claim("aws-tests.md", "two web ACLs with {} rules", (acl_rules,)),
        Claim("aws-tests.md", "**${}**", (consent.JOURNEY_DOLLARS,)),
        Claim("aws-tests.md", "`tests/behaviour`, {} at a time", (consent.WORKERS,)),
        Claim("local-aws.md", "port {} if that is free", (PREFERRED_PORT,)),
        Claim("origin.md", "the value, {} random letters", (characters,)),
        Claim("origin.md", "{} secrets exist at any time", (len(secrets),)),
        Claim("security.md", "{} days are too few", (prod.retention.logs_days,)),
        Claim("security.md", "the setting goes up to {}", (high("retention.logs_days"),)),
    ]


def of_guards_and_calls() -> list[Claim]:
    lease_minutes = lock.LEASE_SECONDS / 60
    attempts = vars(account._CONFIG)["retries"]["total_max_attempts"]
    default = r'"TAPGEN_FAULT_RUNS", "(\d+)"'  # loading the module takes longer than it is worth
    runs = re.findall(default, (ROOT / "tests" / "faults" / "test_random.py").read_text())
    return [
        Claim("architecture.md", "mode {}, no secrets", (int(f"{plan_files._PRIVATE:o}"),)),
        Claim("many-environments.md", "each called {} times a second", (pace.CALLS_PER_SECOND,)),
        Claim("many-environments.md", "after a burst of {} calls", (pace.BURST,)),
        Claim("many-environments.md", "{} stacks or more that are due", (watch.FEW,)),
        Claim("permissions.md", "## {} tasks", (len(policies.BUILDERS),)),
        Claim("permissions.md", "policy takes {} characters", (policies.CHARACTERS,)),
        Claim("resource-types.md", "{} types are built in", (len(KINDS),)),
        Claim("safety.md", "renews it once {} minute", (lock.RENEW_SECONDS / 60,)),
        Claim("safety.md", "{} minutes after it was last renewed", (lease_minutes,)),
        Claim("when-it-goes-wrong.md", "{} minutes after it was last renewed", (lease_minutes,)),
        Claim("safety.md", "up to {} alarms", (len(PLATFORM.rollback_alarms),)),
        Claim("safety.md", "for the certificate, at most {}", (high("certificate.wait_minutes"),)),
        Claim("safety.md", "{} attempts with growing", (attempts,)),
        Claim("safety.md", "is tried {} times as often", (watch.PATIENCE,)),
        Claim("safety.md", "The suite does {} such rounds;", (only(runs),)),
    ]


def of_performance() -> list[Claim]:
    layers, times, rows = LAYER_SECONDS, Times(), results.load()[0]
    longest = bound(each=False) - times.change_set
    planned = bound(each=True)
    levels = (planned - longest) / times.change_set
    apart, together = rows["deploy 30, apart"], rows["deploy 30, together"]
    each = "CloudFormation calls a layer"
    retained = len({kind.split("::")[1] for kind in KINDS})
    clients = retained + len(("sts", "ssm", "cloudformation"))
    others = only(layers[name] for name in ("identity", "zone", "observability"))
    return [
        Claim("performance.md", text, numbers)
        for text, numbers in {
            "dev, {} stacks, deployed": (len(LAYERS),),
            "`cdk deploy --all --concurrency {}": (len(LAYERS),),
            "takes {} s, and {} s with a change set on each": (longest, planned),
            "can be below {} s": (planned,),
            "cdn, dns: {} s and {} times {} s": (longest, levels, times.change_set),
            "the critical path of one, {} s": (planned,),
            "(network {} s, data {}, storage {}, compute {}, api {}, certificate {}, cdn {}, "
            "dns {}, others {})": (
                *(layers[name] for name in ("network", "data", "storage", "compute", "api")),
                *(layers[name] for name in ("certificate", "cdn", "dns")),
                others,
            ),
            "a change set {} s, every call {} ms": (times.change_set, times.call * 1000),
            "limited to {} entries and {} MB": (store._MOST_ENTRIES, store._MOST_BYTES / 1e6),
            "less than {} seconds before a run": (evidence._COARSEST_CLOCK / 1e9,),
            "runs after {} new objects": (boundary._OBJECTS,),
            "Until then it polls every {} seconds": (polling._SELDOM,),
            "the first poll is after {} seconds": (polling._FIRST,),
            "never longer than {} seconds": (polling._MOST,),
            "by {} % of the elapsed time": (polling._SHARE * 100,),
            "{} calls a second of CloudFormation and of SSM": (RATE,),
            "account and region, after a burst of {}.": (2 * RATE,),
            "calls are the floor, at {} a second": (RATE,),
            "{} a second after a burst of {} (": (pace.CALLS_PER_SECOND, pace.BURST),
            "From {} stacks on": (watch.FEW,),
            "{} of each listing are still asked": (watch._GLIMPSES,),
            "Up to {} environments are worked on": (together_.AT_ONCE,),
            "each with up to {} threads": (planner._PARALLEL_STACKS,),
            "planned and {} (`--max-concurrency`)": (Choices().max_concurrency,),
            "clients of its own, {} of them": (clients,),
            "making {} clients": (clients,),
            "clients ({} of them look for retained": (retained,),
            # Measured, see benchmarks/results.json.
            "everything in {} of the time": (round(rows["lint cold, 2 cores"].ratio, 2),),
            "takes {} times the floor instead": (round(rows["deploy, first ever"].ratio, 2),),
            "about {} s an environment": (round(apart.notes["CPU s an environment"], 1),),
            "every call that is not made counts: {} a layer": (together.notes[each],),
            "{} or {} calls of CloudFormation for each layer": (
                floor(rows["deploy, update"].notes[each]),
                ceil(rows["deploy, update"].notes[each]),
            ),
            "where a first deployment costs {} or {}": (
                floor(rows["deploy, first"].notes[each]),
                ceil(rows["deploy, first"].notes[each]),
            ),
            "making some {} calls": (round(rows["deploy, first"].notes["calls"], -1),),
            "A deployment on its own makes about {}": (round(apart.notes[each]),),
            "thirty environments are {} MiB": (round(apart.cost.peak),),
        }.items()
    ]


@pytest.mark.parametrize("claim", claims(), ids=lambda claim: f"{claim.page}: {claim.text[:40]}")
def test_a_number_is_so(claim: Claim) -> None:
    assert found_in(text_of(claim.page), claim) == {claim.numbers}


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda path: path.name)
def test_a_count_is_known(page: Path) -> None:
    text = text_of(page.name)
    covered = [match.span() for claim in claims() for match in matches(text, claim)]
    unknown = {
        match[0]
        for match in re.finditer(COUNTED, text, re.IGNORECASE)
        if not any(start <= match.start() and match.end() <= end for start, end in covered)
    }
    assert unknown == FREE.get(page.name, set())


def matches(text: str, claim: Claim) -> Iterator[re.Match[str]]:
    pattern = NUMBER.join(re.escape(part) for part in claim.text.split("{}"))
    return re.finditer(pattern, text, re.IGNORECASE)


def found_in(text: str, claim: Claim) -> set[tuple[float, ...]]:
    """Which numbers stand there; none where the text is not there any more."""
    return {tuple(map(value, match.groups())) for match in matches(text, claim)}


def value(written: str) -> float:
    known = WORD.get(written.lower())
    return float(written.replace(",", "")) if known is None else known


def text_of(page: str) -> str:
    (path,) = (path for path in DOCUMENTS if path.name == page)
    return " ".join(prose(path.read_text()).split())


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Ten builder modules and more", {(10.0,)}),
        ("11 builder modules, twelve builder modules", {(11.0,), (12.0,)}),
        ("6,144 builder modules", {(6144.0,)}),
        ("many builder modules", set()),
    ],
)
def test_a_stale_number_is_found(text: str, numbers: set[tuple[float, ...]]) -> None:
    assert found_in(text, Claim("", "{} builder modules", (11,))) == numbers


def test_the_pinned_version_of_the_local_aws_is_named() -> None:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    (version,) = re.findall(r"ministack == (.*)", setup["options.extras_require"]["local"])
    assert f"(https://github.com/ministackorg/ministack) {version}, run as" in text_of(
        "local-aws.md"
    )


def test_what_is_near_its_limit_is_where_it_was_measured() -> None:
    ((low, high),) = re.findall(
        rf"within an hour gave {NUMBER} to {NUMBER}", text_of("performance.md")
    )
    rows = results.load()[0]
    assert (
        float(low) < rows["lint, cdn edited"].ratio < rows["lint, api edited"].ratio < float(high)
    )


def test_a_digest_is_as_long_as_the_one_that_is_shown() -> None:
    (shown,) = re.findall(r"for instance `([0-9a-f]+)`", text_of("safety.md"))
    assert len(shown) == seal._LENGTH


def test_hundreds_of_properties_are_compared_with_what_is_documented() -> None:
    (shown,) = re.findall(r"compares more than (\d+) properties", text_of("review.md"))
    assert int(shown) < len(documented()) < int(shown) + 100


@pytest.mark.slow
def test_every_rule_of_cfn_lint_runs() -> None:
    from cfnlint.runner import Runner

    from tapgen.review.lint.cfn_lint.linter import _config

    (shown,) = re.findall(r"all (\d+) rules run", text_of("performance.md"))
    assert len(Runner(_config([], [])).rules) == int(shown)

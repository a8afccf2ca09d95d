"""What tests of several folders share: a local AWS, and an environment deployed into it.

And how they are run: in which worker, for how long, and what of them coverage looks at.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest
import yaml
from botocore.config import Config
from coverage import Coverage
from hypothesis import HealthCheck, settings

from tapgen.local import client
from tapgen.payments.platform import PLATFORM
from tests.paths import ROOT
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tapgen.deploy.target.target import Target
    from tapgen.local.client import LocalAws
    from tapgen.render.rendering import Rendered

pytest_plugins = (
    "tests.environment_files",
    "tests.lab",
    "tests.small_stacks",
    "tests.stores",
)

# A busy machine is slow, not wrong. In CI the examples are the same in every run, so that what is
# red stays red; at home each run looks at new ones, as `make test-properties` does everywhere.
RANDOM = settings(
    deadline=None, derandomize=False, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("random", RANDOM)
settings.register_profile("tapgen", RANDOM, derandomize="CI" in os.environ)
# For `make test-fast`: a quarter of the examples.
settings.register_profile("quick", settings.get_profile("tapgen"), max_examples=25)
settings.load_profile("tapgen")

# What a test sees must not depend on what another has left in a cache; those that want one say so.
os.environ["TAPGEN_NO_CACHE"] = "1"

# Shells start what runs in the background with Ctrl-C ignored, and whatever is started from there
# ignores it too. Some tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

REGION = "eu-west-1"
ACCOUNT = "555555555555"
# One for all: it reads each service's model once, which is most of what a client costs.
SESSION = boto3.session.Session()
TESTS = ROOT / "tests"
ENVS = ROOT / "envs"

# To be watched by coverage takes half as long again. It sees the quick tests, and the slow ones of
# these folders, where some code is reached by nothing else.
_MEASURED: Final = (
    "aws",
    "behaviour",
    "cli",
    "deploy",
    "local",
    "operations",
    "payments",
    "privileges",
)
# Where coverage leaves word for the processes that a worker starts.
_WATCHED_BY: Final = "COVERAGE_PROCESS_CONFIG"
# Processor time of a test that is not marked slow. It takes less than a second on a quiet machine;
# the others are for a busy one, and for whoever is the first to load cfn-lint.
_QUICK_SECONDS: Final = 4.0


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from tests.scheduling import scheduler

    return scheduler(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder not in _MEASURED and item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.no_cover)
    if hasattr(config, "workerinput"):  # one of several
        from tests.scheduling import sort

        sort(items)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Whatever takes longer than a second is marked slow, by processor time of all processes."""
    if Coverage.current() and _WATCHED_BY not in os.environ:
        pytest.fail("something lets coverage see no more of this worker's processes")
    begun = sum(os.times()[:4])
    with ExitStack() as around:
        if item.get_closest_marker("no_cover"):
            around.enter_context(_unpatched())
            unwatch(around.enter_context(pytest.MonkeyPatch.context()))
        yield
    spent = sum(os.times()[:4]) - begun
    watched = sys.gettrace() is not None  # coverage and debuggers take time as well
    may_be_slow = {"slow", "integration"} & {mark.name for mark in item.iter_markers()}
    if spent > _QUICK_SECONDS and not watched and not may_be_slow:
        pytest.fail(f"took {spent:.1f} s of processor time: make it quick, or mark it slow")


@contextmanager
def _unpatched() -> Iterator[None]:
    """Keep coverage from patching `os.fork` and `os._exit` again when it goes on after a test.

    It does so at each start (coverage 7.17). After a few hundred, a fork takes more than a minute.
    """
    watching = Coverage.current()
    if watching is None:
        yield
        return
    patches = watching.get_option("run:patch")
    watching.set_option("run:patch", [])
    try:
        yield
    finally:
        watching.set_option("run:patch", patches)


def unwatch(patch: pytest.MonkeyPatch) -> None:
    """Let the processes that it starts be watched by nobody."""
    for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
        patch.delenv(name)


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """The local AWS of this worker; each test has accounts of its own there.

    Coverage sees the one of `tests/local` instead.
    """
    project = tmp_path_factory.mktemp("local-aws")
    with pytest.MonkeyPatch.context() as patch:
        unwatch(patch)
        started = client.start(project, timeout=PATIENCE_SECONDS)
    yield started
    client.stop(project)


def aws_client(local: LocalAws, service: str, account: str, region: str) -> Any:
    """A client that looks into the local AWS without tapgen's help."""
    return SESSION.client(
        service,  # type: ignore[call-overload]
        endpoint_url=local.endpoint_url,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="local",
        config=Config(s3={"addressing_style": "path"}),
    )


def environments_with(directory: Path, name: str, settings: dict[str, Any]) -> Path:
    """A folder with the project's common settings and one environment of its own."""
    directory.mkdir(parents=True)
    shutil.copy(ENVS / "common.yaml", directory)
    (directory / f"{name}.yaml").write_text(yaml.safe_dump({"name": name, **settings}))
    return directory


@pytest.fixture(scope="session")
def deployed_envs(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings of `full`: everything that can be switched on, away from CloudFront's region."""
    settings = yaml.safe_load((ENVS / "prod.yaml").read_text())
    zones = aws_client(local_aws, "route53", ACCOUNT, REGION)
    parent = zones.create_hosted_zone(Name="example.com", CallerReference="parent")
    settings |= {
        "account_id": ACCOUNT,
        "region": REGION,
        "domain": "pay.example.com",
        "parent_zone_id": parent["HostedZone"]["Id"].removeprefix("/hostedzone/"),
        "alarms": {**settings["alarms"], "email": "alarms@example.com"},
        "functions": {**settings["functions"], "reserved_concurrency": 5},
    }
    del settings["name"]
    return environments_with(tmp_path_factory.mktemp("full") / "envs", "full", settings)


@pytest.fixture(scope="session")
def deployed(local_aws: LocalAws, deployed_envs: Path) -> Target:
    """The environment `full`, deployed by tapgen into the local AWS."""
    from tests.lab import deploy_all, opened

    target = opened(local_aws, deployed_envs, "full")
    deploy_all(target)
    return target


@pytest.fixture(scope="session")
def rendered() -> Rendered:
    """The shipped environments, rendered."""
    from tapgen.render.rendering import render
    from tapgen.settings.store import load_all

    return render(PLATFORM, load_all(ENVS, PLATFORM))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the shipped environments."""
    shutil.copytree(ENVS, tmp_path / "envs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return tmp_path

"""`tapgen evidence`: what is gathered, who signs it, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tapgen.local.client import LocalAws
from tapgen.model.approval import key_alias
from tapgen.model.evidence import MANIFEST, SIGNATURE
from tapgen.operations.audit.evidence import archive, files_of
from tests.conftest import aws_client

pytestmark = pytest.mark.slow

ZONE = ("--layer", "zone", "--yes", "--quiet")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "evidence.zip"


@pytest.fixture
def deployed(local_tapgen: Any) -> Any:
    """The command line, after one release of `dev`."""
    assert local_tapgen("deploy", *ZONE, "--reason", "the first one").code == 0
    return local_tapgen


@pytest.fixture
def kms(project: Path, local_aws: LocalAws) -> Any:
    account = str(yaml.safe_load((project / "envs" / "dev.yaml").read_text())["account_id"])
    return aws_client(local_aws, "kms", account, "us-east-1")


def add_key(kms: Any) -> None:
    made = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    kms.create_alias(AliasName=key_alias("payments-dev"), TargetKeyId=made["KeyId"])


def test_without_a_key_it_is_written_and_the_way_to_a_signature_told(
    deployed: Any, out: Path, tmp_path: Path, kms: Any
) -> None:
    controls = tmp_path / "controls.md"
    controls.write_text("6.5.1: reviewed")
    ran = deployed("evidence", "--out", str(out), "--controls", str(controls))
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[1:] == [f"wrote {out}"]
    assert "It is not signed: there is no key alias/tapgen-payments-dev-approvals" in ran.err
    assert f"evidence dev --sign {out}" in ran.err
    files = files_of(out.read_bytes())
    manifest = json.loads(files[MANIFEST])
    assert (manifest["releases"], manifest["since"], manifest["problems"]) == ([1], "", [])
    assert files["controls/controls.md"] == b"6.5.1: reviewed"
    begun = json.loads(files["releases/us-east-1/payments-dev/000001-begun.json"])
    assert begun["reason"] == "the first one"
    assert set(begun["content"]) <= files.keys()
    drift = json.loads(files["drift.json"])
    assert drift["layers"]["zone"]["resources"]["HostedZone"]["status"] == "IN_SYNC"
    assert json.loads(files["parity.json"])["compared"] == "deployed"
    access = json.loads(files["access.json"])
    assert access["ledger"] == {"problem": "it is not a bucket"}
    page = files["index.html"].decode()
    assert "the first one" in page
    assert "NoSuchEntity" in page

    add_key(kms)
    ran = deployed("evidence", "--sign", str(out))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("signed by arn:aws:iam::")
    assert files_of(out.read_bytes()).keys() == {*files, SIGNATURE}
    ran = deployed("evidence", "--sign", str(out), "--format", "json")
    assert json.loads(ran.out)["manifest"] is None


def test_it_is_signed_at_once_where_the_caller_may_and_tells_only_the_time(
    deployed: Any, out: Path, kms: Any
) -> None:
    add_key(kms)
    ran = deployed("evidence", "--out", str(out), "--from", "2026-01-01", "--format", "json")
    told = json.loads(ran.out)
    assert told["manifest"]["since"] == "2026-01-01T00:00:00Z"
    assert told["manifest"]["releases"] == [1]
    assert told["signature"]["signer"].startswith("arn:aws:iam::")
    ran = deployed("evidence", "--out", str(out), "--from", "2026-01-01", "--to", "2026-01-31")
    month = "from 2026-01-01 00:00:00 until 2026-02-01 00:00:00 UTC"
    assert ran.out.startswith(f"dev: 0 releases {month}")
    assert "There was none." in files_of(out.read_bytes())["index.html"].decode()


def test_what_is_wrong_with_the_record_is_told(deployed: Any, out: Path) -> None:
    told = json.loads(deployed("history", "--format", "json").out)
    ledger = Path(told["environments"]["dev"]["ledger"])
    for path in ledger.rglob("000001-*.json"):
        path.rename(path.with_name(path.name.replace("1", "3")))
    ran = deployed("evidence", "--out", str(out))
    assert ran.code == 0
    problems = json.loads(files_of(out.read_bytes())[MANIFEST])["problems"]
    assert problems[:2] == [
        "release 1 is not in the ledger",
        "release 2 is not in the ledger",
    ]
    assert "dev: release 1 is not in the ledger" in ran.err


def test_what_was_changed_is_not_signed(deployed: Any, out: Path) -> None:
    assert deployed("evidence", "--out", str(out)).code == 0
    files = files_of(out.read_bytes())
    out.write_bytes(archive({**files, "access.json": b"{}"}))
    ran = deployed("evidence", "--sign", str(out))
    assert ran.code == 4
    assert "cannot be signed: files do not match its manifest: access.json" in ran.err
    assert re.search("Name an archive that `tapgen evidence dev --out FILE .*--local` has", ran.err)
    other = json.dumps({**json.loads(files[MANIFEST]), "environment": "prod"}).encode()
    out.write_bytes(archive({**files, MANIFEST: other}))
    ran = deployed("evidence", "--sign", str(out))
    assert (ran.code, "is evidence of prod in account" in ran.err) == (4, True)
    assert re.search(f"`tapgen evidence prod --sign {out} .*--local`", ran.err)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--to", "2026-01-01", "--from", "2026-02-01"), "--to is before --from"),
        (
            ("--sign", "envs/dev.yaml", "--to", "2026-01-01"),
            "--sign cannot be used with --from, --to, --out",
        ),
        (
            ("--controls", "envs/dev.yaml", "--controls", "other/dev.yaml"),
            "two --controls files have the same name",
        ),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(
    local_tapgen: Any, project: Path, more: tuple[str, ...], said: str
) -> None:
    (project / "other").mkdir()
    (project / "other" / "dev.yaml").write_text("")
    more = tuple(str(project / one) if one.endswith(".yaml") else one for one in more)
    ran = local_tapgen("evidence", *more)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err

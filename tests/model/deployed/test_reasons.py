"""Reasons as AWS writes them, and what is said about each."""

from __future__ import annotations

import re

import pytest

from tapgen.model.deployed.reasons import KNOWN, advice

REASONS = {
    "User: arn:aws:sts::1:assumed-role/ci/x is not authorized to perform: kms:CreateKey on "
    "resource: *": "The role that deploys lacks kms:CreateKey: ask for that permission.",
    "API: s3:CreateBucket Access Denied": "The role that deploys lacks a permission: ask for it.",
    "Scope ARN: arn:aws:iam::1:policy/b does not exist or is not attachable. (Service: Iam)": (
        "`tapgen bootstrap --env dev` creates it, and `tapgen bootstrap --env dev --check` shows"
    ),
    "Action denied by stack policy: [Update:Replace]": "`tapgen plan --env dev` shows which",
    "Specified ReservedConcurrentExecutions for function decreases account's "
    "UnreservedConcurrentExecution below its minimum value of [10].": "reserve none",
    "You must wait 60 seconds after deleting a queue before you can create another with the same "
    "name. (Service: Sqs, Status Code: 400)": "blocks the name of a deleted queue for a minute",
    "Rate exceeded (Service: Lambda, Status Code: 429)": "Wait a minute.",
    "The maximum number of VPCs has been reached. (VpcLimitExceeded)": "Service Quotas",
    "payments-dev-data already exists in stack arn:aws:cloudformation:x": "A resource with that",
    "The specified SSL certificate is still pending validation": "The certificate is not issued",
    "The bucket you tried to delete is not empty": "including all versions",
    "resource sg-1 has a dependent object (Code: DependencyViolation)": "AWS does not delete",
    "The subnet 'subnet-1' has dependencies and cannot be deleted.": "AWS does not delete",
    "Resource cannot be deleted as it is currently protected: deletion protection": (
        "`tapgen deploy --env dev --allow-unprotect`"
    ),
    "arn:aws:kms:x is pending deletion.": "cancel-key-deletion",
    "You must only specify exactly one of SearchString and SearchStringBase64": "writes all of",
    "You can't create this secret because a secret with this name is already scheduled for "
    "deletion.": "`aws secretsmanager restore-secret`",
    "The role defined for the function cannot be assumed by Lambda.": "knows a new role",
    "Resource of type 'AWS::EC2::NatGateway' did not stabilize.": "health.aws.amazon.com",
    "AWS WAF couldn't retrieve a resource that you specified. (Service: Wafv2, Status Code: 400, "
    "WAFUnavailableEntityException)": "wait some minutes",
    "There is already an update in progress for this API (Service: ApiGateway)": "is in progress",
    "hook Acme::S3::Check: the bucket has no owner tag": "ask the hook's owner",
}


def command(verb: str, *options: str) -> str:
    return " ".join(["tapgen", verb, "--env dev", *options])


@pytest.mark.parametrize("reason", REASONS)
def test_a_well_known_reason_has_its_advice(reason: str) -> None:
    assert REASONS[reason] in advice(reason, command)


@pytest.mark.parametrize("reason", REASONS)
def test_its_commands_name_the_environment(reason: str) -> None:
    suggested = re.findall(r"`tapgen [^`]*`", advice(reason, command))
    assert [one for one in suggested if "--env dev" not in one] == []


def test_each_entry_of_the_table_is_reached() -> None:
    first = {
        next(known.pattern for known in KNOWN if re.search(known.pattern, reason))
        for reason in REASONS
    }
    assert first == {known.pattern for known in KNOWN}


def test_nothing_is_said_about_what_is_not_known() -> None:
    assert advice("The moon is in the wrong quarter", command) == ""

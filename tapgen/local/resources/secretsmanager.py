"""Secrets as on AWS: Ref is the ARN, generated values follow their rules, replicas are updated."""

from __future__ import annotations

import json
import uuid
from typing import Any

from botocore.exceptions import ClientError
from ministack.services import secretsmanager

from tapgen.local.caller import call
from tapgen.local.names import dying
from tapgen.local.provisioner import (
    Import,
    Properties,
    Provisioned,
    Provisioner,
    changed,
    only,
    tag_list,
)

_KIND = "AWS::SecretsManager::Secret"


def _value(properties: Properties) -> str:
    if "GenerateSecretString" not in properties:
        return str(properties.get("SecretString", ""))
    rules = dict(properties["GenerateSecretString"])
    template, key = rules.pop("SecretStringTemplate", None), rules.pop("GenerateStringKey", None)
    password = str(call("secretsmanager", "GetRandomPassword", **rules)["RandomPassword"])
    return json.dumps({**json.loads(template), key: password}) if template else password


def _refuse_dying(name: str | None) -> None:
    """Raise if a secret of that name is scheduled for deletion.

    The message is from repost.aws/knowledge-center/delete-secrets-manager-secret.
    """
    try:
        found = call("secretsmanager", "DescribeSecret", SecretId=name) if name else {}
    except ClientError:
        return
    if dying(found):
        raise ValueError(
            "You can't create this secret because a secret with this name is already scheduled "
            "for deletion."
        )


def _create(properties: Properties) -> Provisioned:
    _refuse_dying(properties.get("Name"))
    made = call(
        "secretsmanager",
        "CreateSecret",
        Name=properties.get("Name", f"secret-{uuid.uuid4().hex[:12]}"),
        SecretString=_value(properties),
        Tags=tag_list(properties),
        **only(properties, "Description", "KmsKeyId"),
    )
    _replicate(made["ARN"], {}, properties)
    return _named(made["ARN"])


def _replicate(identifier: str, old: Properties, new: Properties) -> None:
    before, after = (
        {replica["Region"]: replica for replica in properties.get("ReplicaRegions", [])}
        for properties in (old, new)
    )
    if gone := before.keys() - after.keys():
        call(
            "secretsmanager",
            "RemoveRegionsFromReplication",
            SecretId=identifier,
            RemoveReplicaRegions=sorted(gone),
        )
    if added := after.keys() - before.keys():
        call(
            "secretsmanager",
            "ReplicateSecretToRegions",
            SecretId=identifier,
            AddReplicaRegions=[after[region] for region in sorted(added)],
        )


def _named(arn: str) -> Provisioned:
    return arn, {"Id": arn}


def _update(identifier: str, old: Properties, new: Properties) -> Provisioned:
    settings: dict[str, Any] = {"Description": "", **only(new, "Description", "KmsKeyId")}
    if changed(old, new, "SecretString", "GenerateSecretString"):
        settings["SecretString"] = _value(new)
    call("secretsmanager", "UpdateSecret", SecretId=identifier, **settings)
    gone = {tag["Key"] for tag in tag_list(old)} - {tag["Key"] for tag in tag_list(new)}
    if gone:
        call("secretsmanager", "UntagResource", SecretId=identifier, TagKeys=sorted(gone))
    call("secretsmanager", "TagResource", SecretId=identifier, Tags=tag_list(new))
    _replicate(identifier, old, new)
    return _named(identifier)


def _delete(identifier: str, properties: Properties) -> None:
    _replicate(identifier, properties, {})
    # Without a recovery window, so that the next deployment can use the name.
    call("secretsmanager", "DeleteSecret", SecretId=identifier, ForceDeleteWithoutRecovery=True)


def _import_problem(identifier: str) -> str | None:
    if secretsmanager.resolve_secret_string(identifier) is None:
        return f"Resource of type '{_KIND}' with identifier '{identifier}' was not found."
    return None


PROVISIONERS = (
    Provisioner(
        type=_KIND,
        create=_create,
        update=_update,
        delete=_delete,
        tags="Tags",
        imports=Import(key="Id", adopt=_named, problem=_import_problem),
    ),
)

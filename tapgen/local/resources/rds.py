"""RDS: databases that keep their tags, and whose deletion protection protects them.

MiniStack's CloudFormation takes a protected one away without asking; RDS refuses (RDS user guide,
"Deleting a DB instance": not while deletion protection is on). Its tags are told by
ListTagsForResource as well.
"""

from __future__ import annotations

from typing import Any

from tapgen.local.caller import call
from tapgen.local.provisioner import Extension, Properties, tag_list


def _retag(arn: str, old: Properties, new: Properties) -> None:
    kept = {tag["Key"] for tag in tag_list(new)}
    gone = [tag["Key"] for tag in tag_list(old) if tag["Key"] not in kept]
    if gone:
        call("rds", "RemoveTagsFromResource", ResourceName=arn, TagKeys=gone)
    # Never empty: every resource has the tags that say which stack it is of.
    call("rds", "AddTagsToResource", ResourceName=arn, Tags=tag_list(new))


def _database(of: str) -> Extension:
    """The type of an "Instance" or a "Cluster"."""
    identifier = f"DB{of}Identifier"

    def apply(name: str, old: Properties, new: Properties) -> None:
        found: Any = call("rds", f"DescribeDB{of}s", **{identifier: name})
        _retag(found[f"DB{of}s"][0][f"DB{of}Arn"], old, new)

    def delete(name: str, _properties: Properties) -> None:
        call("rds", f"DeleteDB{of}", **{identifier: name}, SkipFinalSnapshot=True)

    return Extension(type=f"AWS::RDS::DB{of}", apply=apply, delete=delete)


PROVISIONERS = (_database("Cluster"), _database("Instance"))

"""The current provisioned capacity of a table, autoscaled or not."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tapgen.aws.errors import code_of, explained
from tapgen.aws.resources.retained import Region

READ = "ReadCapacityUnits"
WRITE = "WriteCapacityUnits"


def live_capacity(region: Region, table: str) -> dict[str, dict[str, int]]:
    """Index name ("" is the table itself) -> read and write capacity units, by the API's names.

    Empty if there is no such table.
    """
    with explained(f"reading the capacity of {table}"):
        try:
            found = region.client("dynamodb").describe_table(TableName=table)["Table"]
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return {}
            raise
    parts = {"": found} | {
        index["IndexName"]: index for index in found.get("GlobalSecondaryIndexes", [])
    }
    return {
        name: {unit: int(part.get("ProvisionedThroughput", {}).get(unit, 0)) for unit in _UNITS}
        for name, part in parts.items()
    }


_UNITS = (READ, WRITE)

"""The settings of the platform, beside those that every platform has.

Annotations are not postponed here: they are read at run time.
"""

from typing import Annotated, Final, Literal

from tapgen.model.limits import Range
from tapgen.settings.base import Form, Section, Settings, described, text, whole

CIDR: Final = r"^10\.[0-9]{1,3}\.0\.0/16$"
EMAIL: Final = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
# Graviton classes that Amazon RDS offers for PostgreSQL in every region of its own.
DatabaseClass = Literal["db.t4g.micro", "db.t4g.small", "db.t4g.medium", "db.m6g.large"]
DATABASE_CLASSES: Final = ("db.t4g.micro", "db.t4g.small", "db.t4g.medium", "db.m6g.large")
LogDays = Literal[7, 14, 30, 90, 180, 365, 731]
LOG_DAYS: Final = (7, 14, 30, 90, 180, 365, 731)
STORAGE_GB: Final = Range(20, 16_384)  # gp3 begins at 20 GiB (RDS user guide, "gp3 storage")
BACKUP_DAYS: Final = Range(1, 35)  # BackupRetentionPeriod in the RDS API, 0 being none
MEMORY_MB: Final = Range(128, 10_240)
TIMEOUT_SECONDS: Final = Range(5, 900)
ATTEMPTS: Final = Range(1, 100)
AGE_SECONDS: Final = Range(60, 86_400)
FREE_STORAGE_GB: Final = Range(1, 1000)


class Network(Section, frozen=True):
    """The VPC."""

    cidr: Annotated[
        str,
        text(
            CIDR,
            "Private IPv4 range of the VPC. Must not overlap another environment's.",
            Form("a /16 of 10.0.0.0/8", "10.10.0.0/16", "0-9./"),
            varies=True,
            own="ranges of environments are compared before anything is deployed",
        ),
    ]


class Database(Section, frozen=True):
    """PostgreSQL."""

    instance_class: Annotated[
        DatabaseClass, described("Instance class of the database.", varies=True)
    ]
    storage_gb: Annotated[
        int, whole(STORAGE_GB, "Storage in GiB; RDS lets it grow only.", varies=True)
    ]
    multi_az: Annotated[
        bool, described("Keep a standby in another availability zone.", varies=True)
    ]
    backup_days: Annotated[
        int, whole(BACKUP_DAYS, "Days to any moment of which it can be restored.", varies=True)
    ]


class Worker(Section, frozen=True):
    """The function that takes jobs."""

    memory_mb: Annotated[int, whole(MEMORY_MB, "Memory of the function in MB.", varies=True)]
    timeout_seconds: Annotated[
        int, whole(TIMEOUT_SECONDS, "Seconds that a batch of jobs may take.")
    ]
    attempts: Annotated[int, whole(ATTEMPTS, "Times a job is tried before it is a dead letter.")]


class Retention(Section, frozen=True):
    """How long things are kept."""

    logs_days: Annotated[LogDays, described("Days that logs are kept.", varies=True)]


class Alarms(Section, frozen=True):
    """When somebody is told, and who."""

    oldest_job_seconds: Annotated[
        int, whole(AGE_SECONDS, "Age of the oldest job from which jobs wait too long.", varies=True)
    ]
    free_storage_gb: Annotated[
        int, whole(FREE_STORAGE_GB, "Free storage of the database below which it is short.")
    ]
    email: (
        Annotated[
            str,
            text(
                EMAIL,
                "Address that is told; it has to confirm once.",
                Form("an address", "jobs@example.com"),
                varies=True,
                own="it belongs to people, not to a stack",
            ),
        ]
        | None
    ) = None


class WorkerSettings(Settings, frozen=True, kw_only=True):
    """Everything that an environment may set."""

    network: Network
    database: Database
    worker: Worker
    retention: Retention
    alarms: Alarms

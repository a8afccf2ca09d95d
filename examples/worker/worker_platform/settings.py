"""The platform's settings, in addition to those that every platform has.

Annotations are not postponed here, because they are read at run time.
"""

from typing import Annotated, Final, Literal

from tapgen.model.limits import Range
from tapgen.settings.base import Form, Section, Settings, described, text, whole

CIDR: Final = r"^10\.[0-9]{1,3}\.0\.0/16$"
EMAIL: Final = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
# Graviton classes that Amazon RDS offers for PostgreSQL in all its regions.
DatabaseClass = Literal["db.t4g.micro", "db.t4g.small", "db.t4g.medium", "db.m6g.large"]
DATABASE_CLASSES: Final = ("db.t4g.micro", "db.t4g.small", "db.t4g.medium", "db.m6g.large")
LogDays = Literal[7, 14, 30, 90, 180, 365, 731]
LOG_DAYS: Final = (7, 14, 30, 90, 180, 365, 731)
STORAGE_GB: Final = Range(20, 16_384)  # gp3 begins at 20 GiB (RDS user guide, "gp3 storage")
BACKUP_DAYS: Final = Range(1, 35)  # BackupRetentionPeriod in the RDS API; 0 means no backups
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
        int, whole(STORAGE_GB, "Storage in GiB. RDS can only increase it.", varies=True)
    ]
    multi_az: Annotated[
        bool, described("Keep a standby in another availability zone.", varies=True)
    ]
    backup_days: Annotated[int, whole(BACKUP_DAYS, "Days of point-in-time recovery.", varies=True)]


class Worker(Section, frozen=True):
    """The function that processes jobs."""

    memory_mb: Annotated[int, whole(MEMORY_MB, "Memory of the function in MB.", varies=True)]
    timeout_seconds: Annotated[
        int, whole(TIMEOUT_SECONDS, "Timeout for a batch of jobs, in seconds.")
    ]
    attempts: Annotated[int, whole(ATTEMPTS, "Attempts before a job becomes a dead letter.")]


class Retention(Section, frozen=True):
    """Retention periods."""

    logs_days: Annotated[LogDays, described("Retention of logs, in days.", varies=True)]


class Alarms(Section, frozen=True):
    """Thresholds of the alarms, and who is notified."""

    oldest_job_seconds: Annotated[
        int, whole(AGE_SECONDS, "Age of the oldest job, in seconds, for an alarm.", varies=True)
    ]
    free_storage_gb: Annotated[
        int, whole(FREE_STORAGE_GB, "Alarm below this free storage of the database, in GB.")
    ]
    email: (
        Annotated[
            str,
            text(
                EMAIL,
                "E-mail address to notify. It must confirm the subscription.",
                Form("an e-mail address", "jobs@example.com"),
                varies=True,
                own="it belongs to people, not to a stack",
            ),
        ]
        | None
    ) = None


class WorkerSettings(Settings, frozen=True, kw_only=True):
    """The settings of one environment."""

    network: Network
    database: Database
    worker: Worker
    retention: Retention
    alarms: Alarms

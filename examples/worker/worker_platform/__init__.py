"""The platform of worker: a job queue, a worker, its database, and alarms."""

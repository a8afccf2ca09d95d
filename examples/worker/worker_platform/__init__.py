"""The platform of worker: a queue of jobs, a worker, its database, and what watches over them."""

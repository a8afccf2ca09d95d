"""A run's target and state: `Target`, `Run`, the lock, the options.

It imports `flow`. A `Target` is frozen; everything that changes during a run is in `RunState`.
Nothing here starts an operation on a stack.
"""

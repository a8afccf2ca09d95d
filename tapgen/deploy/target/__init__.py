"""What a run works on and what it changes: `Target`, `Run`, the lock, the options.

It imports `flow`. A `Target` is frozen; what changes on the way is in `RunState` and nowhere else.
Nothing here begins an operation on a stack.
"""

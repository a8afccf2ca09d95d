"""One operation on one stack, from its start to its end, and what to do when it fails.

It imports `target` and `flow`. It does as it is told, and never decides whether
something may be done.
"""

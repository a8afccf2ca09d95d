"""One operation on one stack, from start to end, and what to do if it fails.

It imports `target` and `flow`. It carries out operations and never decides whether one is allowed.
"""

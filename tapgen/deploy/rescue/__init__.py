"""Getting out of trouble: watch, cancel, recover, revert drift.

It imports `plan`, `stack`, `observe` and the groups below them. It never skips a resource that
was not named.
"""

"""Out of trouble: watch, cancel, recover, revert drift.

It imports `plan`, `stack`, `observe` and the groups below them. Nothing is left out or skipped that
nobody has named.
"""

"""Conditions under which nothing is done: refused before it is done.

It imports `observe` and `target`. A guard raises `RefusedError` or gives notes; it changes nothing.
What only one platform knows reasons for is a guard of that platform (`guard.Guard`).
"""

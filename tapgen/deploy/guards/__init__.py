"""Conditions under which nothing is done: refused before it is done, or waited for.

It imports `observe` and `target`. A guard raises `RefusedError`, gives notes, or says what
AWS has to end by itself first (`under_way`); it changes nothing.
What only one platform knows reasons for is a guard of that platform (`guard.Guard`).
"""

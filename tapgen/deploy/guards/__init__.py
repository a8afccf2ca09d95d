"""Guards: conditions under which a change is refused, or has to wait, before it starts.

It imports `observe` and `target`. A guard raises `RefusedError`, returns notes, or names an
operation of AWS that has to end first (`under_way`); it changes nothing.
A condition that only one platform knows is a guard of that platform (`guard.Guard`).
"""

"""What a change would do to deployed stacks, told from files alone.

Two sides, each a set of `Snapshot` values, are resolved with their environment's parameters and
compared down to single properties; AWS's resource schemas say what a change of each does. Pure
values in, pure values out: only `revision` runs anything (git), and nothing here asks AWS.
"""

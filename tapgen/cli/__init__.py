"""Talk: one click command per module in `commands/`, shared options, and all output in `views/`.

A command parses, calls one function of `deploy` or `stacks`, and shows the result. No AWS calls of
its own; heavy libraries are imported inside the functions that need them.
"""

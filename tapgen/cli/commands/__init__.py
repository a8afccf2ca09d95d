"""One module for each command; `tapgen/cli/main.py` lists them.

A module has a click command called `command`, which parses, calls one function of `operations`, and
hands the result to a view. The order of steps is not its business.
"""

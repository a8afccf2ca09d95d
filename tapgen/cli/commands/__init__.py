"""One module for each command; `tapgen/cli/main.py` lists them.

A module has a click command called `command`, which parses the command line, calls one function of
`operations`, and passes the result to a view. The order of steps belongs to the operation.
"""

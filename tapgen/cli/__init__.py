"""The command line: it parses, calls one operation, and shows the result.

`commands/` has a module for each command, `views/` all output, `host` the conversation of a run.
This room imports `operations` and the rooms below it; click, rich and Jinja are used only here. It
never calls AWS, and imports slow modules inside the functions that need them.
"""

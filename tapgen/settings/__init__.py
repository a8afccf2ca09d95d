"""YAML files -> checked settings, every fault with file, line and column.

What settings there are is the platform's to say (`base` has those of every platform); nothing here
knows a platform's by name, and nothing asks AWS.
"""

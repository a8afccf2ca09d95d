"""YAML files -> checked settings, every fault with file, line and column.

The platform declares the settings (`base` has those of every platform). Nothing here knows a
platform's settings by name, and nothing calls AWS.
"""

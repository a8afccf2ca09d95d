"""Environments: YAML files become validated `Environment` values.

May use the standard library, msgspec and yaml (in `loader` only). Never troposphere, AWS or click.
"""

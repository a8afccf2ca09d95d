"""YAML files -> checked settings, every fault with file, line and column. Knows no platform's settings."""

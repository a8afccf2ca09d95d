"""A project with parts of its own: settings, rules, guards, live checks, commands and hooks."""

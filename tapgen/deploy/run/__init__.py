"""Doing it: stack by stack, environment by environment, and taking it down again."""

"""Builders -> template text -> stacks and their files."""

"""Changing environment files, and writing new ones."""

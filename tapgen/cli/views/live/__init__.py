"""Deployed environments, compared with their declaration and with each other."""

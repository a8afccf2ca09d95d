"""Sameness of environments: what they share, what differs, and whether it may."""

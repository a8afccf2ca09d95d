"""Refusals that only this platform knows reasons for: origin secret, capacity, delegation.

A guard is a function from `deploy.guards.guard.Subject` to notes, and a line in `registry`. It asks
AWS and public DNS as little as it can, and changes nothing.
"""

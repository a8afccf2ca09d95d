"""Refusals that only this platform knows reasons for."""

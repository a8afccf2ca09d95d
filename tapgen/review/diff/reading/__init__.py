"""Conclusions from a comparison: whether it may pass, and what environments have in common."""

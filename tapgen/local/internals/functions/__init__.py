"""Behaviour of Lambda around calls of functions that MiniStack lacks."""

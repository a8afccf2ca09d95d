"""The conversation with a deployed API, for `tapgen verify`.

It calls the API as a caller would, with tokens of its own, and gives a `Check` for each answer. It
writes test data only where it may.
"""

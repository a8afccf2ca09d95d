"""The conversation with a deployed API, for `tapgen verify`.

It calls the API as a client would, with its own tokens, and yields a `Check` for each response. It
writes test data only if this is allowed.
"""

"""The conversation with a deployed API, for `tapgen verify`."""

"""The code of functions, as one archive."""

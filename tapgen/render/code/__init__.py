"""The code of the functions as an archive."""

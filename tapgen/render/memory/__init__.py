"""Answers of earlier runs, in the user's cache folder, under a hash of all that they depend on."""

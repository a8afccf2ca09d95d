"""Answers of earlier runs, in the user's cache folder, under a hash of all that they depend on.

`memory.Memory` is what others ask: a question by an answer that is a JSON value. It never guesses:
where it cannot be sure of the code or the settings behind an answer, there is none.
"""

"""What earlier runs found out, for runs that would find the same.

An answer is kept under a hash of everything that it depends on: the question (`memory`), the bytes
of the input files (`inputs`) and the code that answered it (`evidence`). Where any of that differs,
so does the hash, and nothing is found; nothing is ever looked up by name or age. `store` holds the
answers in the user's cache folder.

Standard library only, and little of it: asking must cost next to nothing.
"""

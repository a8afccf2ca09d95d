"""Answers of earlier runs, in the user's cache folder, by a hash of everything they depend on.

`answer.Answer` is for answers about environments, `memory.Memory` for all others. An answer is a
JSON value. If the code or the settings may have changed, there is no answer.
"""

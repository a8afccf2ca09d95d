"""Rendering: builders -> the text of a template for each layer -> stacks, and their files.

A platform is handed in as a value. This room imports `settings` and `model`; troposphere and awacs
are known here and in the layers of a platform, and loaded only when a template is built. It never
asks AWS, and writes no file but those it was told to write, and the cache of `memory`.
"""

"""Rendering: builders -> the text of a template for each layer -> stacks, and their files.

A platform is passed in as a value. This room imports `settings` and `model`. troposphere and awacs
are used here and in a platform's layers, and are loaded only when a template is built. This room
never calls AWS, and writes only the requested files and the cache of `memory`.
"""

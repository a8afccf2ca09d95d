"""Code of platforms: checking what it declares, and running it.

Nothing here knows which kinds of parts exist.
"""

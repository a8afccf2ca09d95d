"""Code that is not tapgen's: what a platform declares, and what happens when it runs.

Nothing here knows which parts there are.
"""

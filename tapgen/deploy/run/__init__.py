"""Carrying it out: a step, a deployment, a fleet of them, and a destruction.

It imports every other group except `rescue`, and only `operations` imports it. It executes what was
planned and agreed to; it never shows a plan or decides who is asked.
"""

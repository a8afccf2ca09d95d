"""Doing it: a step, a deployment, a fleet of them, and a destruction.

It imports every other group but `rescue`, and is imported by `operations` only. It executes what
was planned and agreed to; it never shows a plan, nor decides who is asked.
"""

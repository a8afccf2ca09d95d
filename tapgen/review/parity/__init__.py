"""Parity of environments: what is the same, what differs, and whether it may.

Pure: what was found on disk or in AWS is passed in.
"""

"""Sameness of environments: what they share, what differs, and whether it may.

Pure: it is told what was found, on disk or in AWS.
"""

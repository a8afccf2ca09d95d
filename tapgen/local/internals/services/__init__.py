"""Corrections of MiniStack's services where they differ from AWS's, one module for each topic.

Like the folder above, this one may use MiniStack's private names.
"""

"""Functions of a platform that are called before and after a layer is deployed.

They never decide what is planned: guards refuse changes, hooks carry out work.
"""

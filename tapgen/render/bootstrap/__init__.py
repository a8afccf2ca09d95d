"""The template of `tapgen bootstrap`: who may do what in an account, ledger and approval key.

The same bytes for every environment of a project. It is no layer of a platform: it decides what
those who deploy the layers may do. What the policies say comes from elsewhere (`tapgen.iam`).
"""

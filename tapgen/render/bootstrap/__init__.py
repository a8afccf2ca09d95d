"""The template of `tapgen bootstrap`: roles and policies in an account, ledger and approval key.

The same bytes for every environment of a project. It is not a layer of a platform: it decides what
those who deploy the layers may do. The policies' statements come from `tapgen.iam`.
"""

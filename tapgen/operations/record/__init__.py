"""Approving plans, recording runs, and reading records; nothing here changes a stack."""

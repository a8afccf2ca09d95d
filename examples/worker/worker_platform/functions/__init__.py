"""Code that runs in Lambda. Only this folder is packaged, so it imports nothing from outside it.

Put libraries that Lambda does not have into this folder, for instance a driver for PostgreSQL.
"""

"""Code that runs in Lambda, packaged as this folder: it knows no other part of the platform.

A library that it needs and Lambda has not is put beside it, for instance a driver for PostgreSQL.
"""

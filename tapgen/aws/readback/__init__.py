"""Reading deployed resources back: one module for each service, each giving CloudFormation shapes.

A reader asks the service itself, never CloudFormation, and returns the properties it can read under
the names that templates use. It compares nothing. `registry.READERS` lists every reader.
"""

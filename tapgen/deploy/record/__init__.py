"""The record of what runs did to an environment: one for each, written before it begins.

It stands above what a run works on and plans, and below what carries it out. It never changes a
stack, and never writes over what is written.
"""

"""The record of an environment's runs: one record per run, begun before anything is changed.

It is above targets and planning, and below what carries a plan out. It never changes a stack, and
never overwrites what is written.
"""

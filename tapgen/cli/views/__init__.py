"""Everything that tapgen prints. Data goes to stdout, talk to stderr.

A view turns values into text, and loads what its form needs when it is called. It computes nothing
that another view would have to compute again, and asks nobody.
"""

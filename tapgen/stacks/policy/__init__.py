"""Policy as code: what security scanners find in the resolved stacks of every environment.

Each scanner is one module that yields findings; what is accepted on the resources is taken out
for all of them in the same way, and an acceptance that no scanner needs is itself a finding.
"""

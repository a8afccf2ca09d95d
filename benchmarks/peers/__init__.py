"""The same layers with Sceptre, CFNgin and the CDK, to compare tapgen with.

`python -m benchmarks.peers` writes a project for each from tapgen's own layers and rendered stacks,
installs each in an environment of its own below `.bench/`, measures all in turns with tapgen, and
draws the second table of `docs/performance.md`. A peer that cannot be installed is left out.
"""

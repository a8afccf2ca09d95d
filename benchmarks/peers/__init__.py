"""The same layers with Sceptre, CFNgin, the CDK and the AWS CLI, for comparison with tapgen.

`python -m benchmarks.peers` writes a project for each from tapgen's own layers and rendered stacks,
installs each in its own environment below `.bench/`, measures all in turns with tapgen, and draws
the second table of `docs/performance.md`. A peer that cannot be installed is skipped.
"""

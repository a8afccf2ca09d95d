"""Benchmarks of tapgen. Each row is compared with a lower bound ("floor") from the same run.

`python -m benchmarks` measures every row of `rows/`, writes `results.json`, and draws from it the
table and the plot of `docs/performance.md`. It is not part of the package, and nothing imports it.
"""

"""What tapgen costs, each row beside a floor that is measured in the same run.

`python -m benchmarks` measures every row of `rows/`, writes `results.json`, and draws from it the
table and the plot of `docs/performance.md`. Not a part of the package, and imported by nobody.
"""

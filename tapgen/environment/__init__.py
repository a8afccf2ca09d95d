"""Environments: YAML files become validated `Environment` values.

A file's bytes become located nodes (`loader`), nodes become values of settings (`reading`,
`document`), two documents are merged and checked (`checks`, `cross_checks`), and `store` does that
for a directory. `names` answers from file names alone, for shell completion.

May use the standard library, msgspec and yaml (in `loader` only). Never troposphere, AWS or click.
"""

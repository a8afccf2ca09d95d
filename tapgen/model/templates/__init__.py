"""Templates as values: text, seal, stack policy, and the evaluation of intrinsic functions."""

"""The pictures of README and manual, made of what programs print and of what was measured."""

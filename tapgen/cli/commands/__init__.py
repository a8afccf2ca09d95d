"""One module for each command; `tapgen/cli/main.py` lists them."""

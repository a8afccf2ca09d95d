"""The output about accounts themselves, outside any run."""

"""Commands that write, compare and check files."""

"""What Lambda does around the calls of functions, and MiniStack does not."""

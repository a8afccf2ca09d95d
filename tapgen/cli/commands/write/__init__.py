"""Commands about files: write them, compare them, check them."""

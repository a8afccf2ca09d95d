"""What is printed about accounts as such, beside any run."""

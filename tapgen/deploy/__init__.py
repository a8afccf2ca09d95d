"""What a run does to AWS. Prints nothing, and asks through its host only."""

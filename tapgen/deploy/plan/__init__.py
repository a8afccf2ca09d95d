"""What would be done: change sets for all that can be planned, and the file they are kept in."""

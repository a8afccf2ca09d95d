"""What is deployed, as it was found: beside what is declared, and beside other environments."""

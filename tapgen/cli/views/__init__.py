"""Everything that tapgen prints. Data goes to stdout, talk to stderr."""

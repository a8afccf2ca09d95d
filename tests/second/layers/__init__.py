"""The layers of the second platform."""

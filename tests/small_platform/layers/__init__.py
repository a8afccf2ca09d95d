"""The layers of the small platform."""

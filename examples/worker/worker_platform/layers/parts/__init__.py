"""Code that several layers share."""

"""Conditions under which nothing is done: refused before anything is executed."""

"""Builders -> template text, and stack files. troposphere and awacs are known here and in platforms only."""

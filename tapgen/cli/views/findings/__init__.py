"""Findings as text, JSON, JUnit, SARIF and GitHub annotations; no form knows who found them."""

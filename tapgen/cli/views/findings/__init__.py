"""Findings as text, JSON, JUnit, SARIF and GitHub annotations, independent of their source."""

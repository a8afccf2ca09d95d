"""Alarms, their topics, the dashboard."""

"""Out of trouble: watch, cancel, recover, revert drift."""

"""Notifications about a run: their content, their form, and sending them in parallel to the run.

It is above the record, from which it takes facts about the run. Nothing here makes a run fail, or
delays its end by more than a few seconds.
"""

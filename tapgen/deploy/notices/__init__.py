"""Who is told about a run beside whoever runs it: what they are told, in which form, and when.

It stands above the record, whose runs these are. Nothing here fails a run, or keeps it waiting for
longer than some seconds at its end.
"""

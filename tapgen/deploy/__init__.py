"""What a run does to AWS, in groups of which each imports only those before it.

They are `flow`, `target`, `stack`, `observe`, `guards`, `plan`, `rescue` and `run`. This room
imports `aws`, `iam`, `review` and the rooms below them. It prints nothing, asks through its host
only, and knows no command line and no platform but the value that it is handed.
"""

"""AWS in tapgen's own verbs. The only place in the engine that imports boto3; prints nothing."""

"""Commands that set things up: accounts, policies, projects, the local AWS, completion."""

"""What an account needs before anything is deployed into it: who signs in, where templates lie."""

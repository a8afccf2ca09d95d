"""The bucket with the records of an account's runs; no object in it is ever overwritten."""

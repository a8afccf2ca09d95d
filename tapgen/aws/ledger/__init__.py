"""The bucket that the record of an account's runs is in; nothing in it is ever written over."""

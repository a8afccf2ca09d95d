"""Evidence for assessors; nothing here changes an environment."""

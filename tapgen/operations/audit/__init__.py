"""What assessors ask for; nothing here changes an environment."""

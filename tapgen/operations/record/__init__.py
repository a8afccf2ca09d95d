"""How plans are approved, runs recorded, and records read; nothing here changes a stack."""

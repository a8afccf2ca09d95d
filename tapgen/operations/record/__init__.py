"""How runs are recorded, and how their record is read; nothing here changes a stack."""

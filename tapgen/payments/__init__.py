"""The payments platform: a REST API for payments and sessions, as one `Platform` value."""

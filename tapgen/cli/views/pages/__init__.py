"""HTML pages, and what is written with them; the report has its own folder."""

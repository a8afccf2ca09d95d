"""Pages of HTML, and what is written with one; the report has a folder of its own."""

"""The floors: programs that do the least that the work needs, without tapgen."""

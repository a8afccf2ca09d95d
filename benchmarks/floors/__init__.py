"""The lower bounds ("floors"): programs that do the minimum for the same work, without tapgen."""

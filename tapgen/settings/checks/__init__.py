"""Rules between settings: of one environment, and of several."""

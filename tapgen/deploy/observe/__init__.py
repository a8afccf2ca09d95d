"""Looking at what is deployed: states, outputs, drift, sameness, verification. Changes nothing."""

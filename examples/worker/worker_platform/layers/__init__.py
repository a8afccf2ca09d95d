"""One module for each layer. A builder knows no environment: whatever differs is a parameter."""

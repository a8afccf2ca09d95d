"""One function for each thing people do: the order of the steps, nothing else. The public Python API."""

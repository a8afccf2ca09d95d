"""Resources in front of the API: distribution, firewall, origin secret."""

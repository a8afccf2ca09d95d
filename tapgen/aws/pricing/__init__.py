"""AWS's own list prices; they are the same for every account."""

"""What files alone can tell of a change, without AWS."""

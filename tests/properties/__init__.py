"""What must always hold, tried on random worlds."""

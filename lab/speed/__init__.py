"""How fast it is, as ratios against a named reference in the same run: `make bench`."""

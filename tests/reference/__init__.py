"""A second reading of the method: plain loops over dictionaries, written to be read beside it and to check scoring/."""

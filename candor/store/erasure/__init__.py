"""A person in everything that is kept: shown, or erased. Each kind of thing has a file of its own here."""

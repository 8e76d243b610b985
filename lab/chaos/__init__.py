"""Chaos: breaks the running service in every way we could think of, and counts what became of what it acknowledged."""

"""How good the ranking is, and what it costs to fool it: `candor evaluate` and `candor attack`."""

"""Load: how much the running service carries, and what it does with more, measured with wrk."""

"""The board as queries: one description of the method in SQL, run by DuckDB here or by any Spark Connect server."""

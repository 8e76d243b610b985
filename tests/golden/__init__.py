"""Golden documents: whole answers about made-up communities. `python -m tests.golden` rewrites them."""

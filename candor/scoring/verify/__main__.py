"""Runs the command: `python -m verify FILE`, or `python -m scoring.verify FILE`."""

from __future__ import annotations

import sys

from . import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

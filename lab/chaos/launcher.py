"""`python -m worker` as it is, but for its workers: those of trapped_worker.py."""

from __future__ import annotations

import os
import sys

from worker.__main__ import main

if __name__ == "__main__":
    sys.exit(main(os.environ, (sys.executable, "-m", "lab.chaos.trapped_worker")))

"""`python -m worker` as it is, but for its workers: those of slow_worker.py."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from worker.__main__ import main

if __name__ == "__main__":
    sys.exit(main(os.environ, (sys.executable, str(Path(__file__).with_name("slow_worker.py")))))

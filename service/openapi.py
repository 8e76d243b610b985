"""`python -m service.openapi` writes the example of a score, then the interface's description as it is served."""

from __future__ import annotations

from pathlib import Path

from service.description import as_yaml
from service.example import make_example

EXAMPLE_PATH = Path(__file__).parent / "schemas" / "score_example.json"
PATH = Path(__file__).parent.parent / "openapi.yaml"


if __name__ == "__main__":
    EXAMPLE_PATH.write_bytes(make_example())
    PATH.write_text(as_yaml(), encoding="utf-8")

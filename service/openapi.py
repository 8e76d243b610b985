"""`python -m service.openapi` writes the example of a score, then the interface's description as it is served."""

from __future__ import annotations

from pathlib import Path

from candor.settings import Settings
from candor.store import open_store
from service.app import create_app
from service.example import make_example

EXAMPLE_PATH = Path(__file__).parent / "schemas" / "score_example.json"
PATH = Path(__file__).parent.parent / "openapi.yaml"


def served() -> str:
    """Return the description as the service serves it."""
    app = create_app(Settings(), open_store("redis://nothing-is-asked-of-it", Path(".candor")))
    return app.test_client().get("/openapi.yaml").get_data(as_text=True)


if __name__ == "__main__":
    EXAMPLE_PATH.write_bytes(make_example())
    PATH.write_text(served(), encoding="utf-8")

"""`python -m service.openapi` writes the interface's description, as it is served, to openapi.yaml."""

from __future__ import annotations

from pathlib import Path

from service.app import create_app
from service.settings import Settings
from store import open_store

PATH = Path(__file__).parent.parent / "openapi.yaml"


def served() -> str:
    """Return the description as the service serves it."""
    app = create_app(Settings(), open_store("redis://nothing-is-asked-of-it", Path(".candor")))
    return app.test_client().get("/openapi.yaml").get_data(as_text=True)


if __name__ == "__main__":
    PATH.write_text(served(), encoding="utf-8")

"""What the HTTP face and the background share: the method, the store, the formats, the names."""

__version__ = "0.1.0"

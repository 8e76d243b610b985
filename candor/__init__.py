"""What the HTTP face and the background share: the method, the store, the formats, the names."""

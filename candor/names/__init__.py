"""Which addresses on the web may be asked, by how they are spelled; service and worker both go by it."""

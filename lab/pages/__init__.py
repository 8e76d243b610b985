"""Pages: looks at every page of the service in both languages, in light and dark, at four widths."""

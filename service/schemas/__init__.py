"""What goes in and out, one file per resource, each with its examples."""

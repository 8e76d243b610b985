"""Evaluation on real data, and speed: what the project says about itself is computed here."""

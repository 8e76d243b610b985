"""Boards by queries."""

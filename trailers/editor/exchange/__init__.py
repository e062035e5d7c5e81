"""Timelines for other editors, and back from them."""

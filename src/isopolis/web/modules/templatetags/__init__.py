"""Filters for pages of processes."""

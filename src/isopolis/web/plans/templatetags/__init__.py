"""Filters of the templates of plans."""

"""Filters for pages of accounts."""

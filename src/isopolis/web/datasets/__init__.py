"""Uploads: a city's files and what the reader found in them."""

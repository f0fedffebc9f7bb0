"""Worries of residents: what a desk received, what became of it, and whose worries are drowned."""

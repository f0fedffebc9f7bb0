"""Budgets that residents decide: ideas, checks, a vote, and what became of it."""

"""Participation algorithms, pure: budgets, lotteries, opinions, worries, surveys, who took part."""

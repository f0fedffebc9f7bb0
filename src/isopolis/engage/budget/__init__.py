"""Participatory budgets: ballots, rules, what they promise, and who got what they asked for.

Pure functions over arrays. Money is whole units (the smallest the election knows) or fractions.
"""

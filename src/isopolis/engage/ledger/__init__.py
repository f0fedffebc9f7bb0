"""What a vote needs of mathematics: codes, receipts, ballots in one form, and chains of seals.

Nothing here draws, reads a clock or keeps anything: random bytes, days and keys are arguments.
"""

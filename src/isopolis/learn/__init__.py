"""Learn from others: one vocabulary, a library of policies, search, comparable cities."""

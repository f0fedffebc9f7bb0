"""Template filters of diagnoses."""

"""Changes of the tables of questionnaires."""

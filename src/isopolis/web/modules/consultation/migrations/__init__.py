"""Changes of the tables of consultations."""

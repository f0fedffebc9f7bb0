"""Changes of the tables of peer cities."""

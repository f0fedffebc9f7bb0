"""Changes of the tables of exchanges."""

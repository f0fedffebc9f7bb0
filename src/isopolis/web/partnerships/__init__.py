"""Partnerships: the level above cities, which sees what each city chose to share."""

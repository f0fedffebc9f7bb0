"""Who took part: counts of people against the census, by crossing group and neighbourhood."""

"""Looking around in a finished diagnosis: comparison, zones, map, terms, print."""

"""Cities like this one: tables of cities, peer lists, benchmarks and whom to ask."""

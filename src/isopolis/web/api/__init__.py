"""The programming interface: JSON, OGC API Features, tables, and the tokens that open it."""

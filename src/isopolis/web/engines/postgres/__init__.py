"""PostgreSQL that never waits for ever."""

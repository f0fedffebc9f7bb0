"""City-to-city exchanges and peer reviews of a workspace: planned, checked, followed to a change at home."""

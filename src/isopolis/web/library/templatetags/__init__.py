"""Tags of the pages of the library."""

"""SQLite that notices when its file is gone or replaced."""

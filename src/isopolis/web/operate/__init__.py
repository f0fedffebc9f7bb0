"""Running the platform: backup, restore, upgrade, doctor, logs and metrics."""

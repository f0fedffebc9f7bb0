"""The worries desk."""

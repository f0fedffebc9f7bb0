"""Workspaces, members and their roles."""

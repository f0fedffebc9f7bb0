"""Assemblies drawn by lot."""

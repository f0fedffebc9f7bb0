"""Diagnoses: findings as pages and files."""

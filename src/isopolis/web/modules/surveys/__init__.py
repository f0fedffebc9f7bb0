"""Surveys: a form that residents answer page by page, and what their answers say beside the census."""

"""Participation: processes, their modules and the phases that open and close what people can do."""

"""Questionnaires of a workspace: begun from a frame, filled in with evidence, compared, exported."""

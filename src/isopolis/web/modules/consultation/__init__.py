"""Public consultation on a plan: single answers stay unpublished, every point gets a published answer."""

"""Action plans of a city or a partnership: their pages, changes, exports and public page."""

"""Names of other tools for our functions, so that their users can check us and move."""

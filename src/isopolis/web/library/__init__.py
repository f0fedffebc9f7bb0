"""The library on the web: submission, moderation, publication, search, exchange with other installations."""

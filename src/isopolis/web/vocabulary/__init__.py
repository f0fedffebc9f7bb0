"""The vocabulary on pages: schemes, concepts in all languages, and the words of a city's own."""

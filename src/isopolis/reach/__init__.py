"""Access to services: streets, mobility profiles, timetables, who reaches what, and what would change it."""

"""Commands for those who work on Isopolis itself; not part of the package."""

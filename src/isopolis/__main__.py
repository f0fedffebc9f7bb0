"""``python -m isopolis``."""

from isopolis.cli import main

main()

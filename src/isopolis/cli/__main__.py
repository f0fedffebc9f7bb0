"""``python -m isopolis.cli``."""

from . import main

main()

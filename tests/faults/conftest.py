"""Which of these need PostgreSQL, and from what size a whole run of them is a soak."""

from __future__ import annotations

from ..databases import POSTGRES

collect_ignore = [] if POSTGRES else ["test_line.py"]

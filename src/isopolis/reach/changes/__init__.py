"""What if: edits of services, streets and timetables, and what they change for each group."""

from .compare import (
    Change,
    Comparison,
    added_site,
    attributed,
    compare,
    search_limit,
    to_search_again,
)
from .places import closed, extended, moved, opened
from .streets import same_streets, with_kerb, with_link, with_node_tag, with_ramp, with_way_tag
from .timetable import with_headway, with_trips, without_trips

__all__ = [
    "Change",
    "Comparison",
    "added_site",
    "attributed",
    "closed",
    "compare",
    "extended",
    "moved",
    "opened",
    "same_streets",
    "search_limit",
    "to_search_again",
    "with_headway",
    "with_kerb",
    "with_link",
    "with_node_tag",
    "with_ramp",
    "with_trips",
    "with_way_tag",
    "without_trips",
]

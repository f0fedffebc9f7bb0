"""Partnerships of cities: members in time, meetings, news, documents, the orientation paper, commitments.

Everything is a frozen record without people's names, checked when it is made; the clock is an argument.
"""

from __future__ import annotations

from .base import LEVELS_OF_ACCESS, NOT_STATED, Source, said
from .book import KINDS, Book, check_record, read_book
from .commitments import LACKS, Commitment, CommitmentRow, register, without
from .ical import calendar_of
from .mapping import Drawing, draw
from .meetings import FORMS, STATES, Meeting, decisions, found_in, open_tasks, tasks
from .members import (
    LAYERS,
    LEVELS,
    ROLES,
    Member,
    coordinators_on,
    countries_of,
    dates_of_change,
    layers_on,
    members_on,
    stakeholders,
)
from .paper import OrientationPaper, changes
from .texts import Answer, Survey, answer_problems, results, slip
from .when import covers, first_day, is_exact, last_day

__all__ = [
    "FORMS",
    "KINDS",
    "LACKS",
    "LAYERS",
    "LEVELS",
    "LEVELS_OF_ACCESS",
    "NOT_STATED",
    "ROLES",
    "STATES",
    "Answer",
    "Book",
    "Commitment",
    "CommitmentRow",
    "Drawing",
    "Meeting",
    "Member",
    "OrientationPaper",
    "Source",
    "Survey",
    "answer_problems",
    "calendar_of",
    "changes",
    "check_record",
    "coordinators_on",
    "countries_of",
    "covers",
    "dates_of_change",
    "decisions",
    "draw",
    "first_day",
    "found_in",
    "is_exact",
    "last_day",
    "layers_on",
    "members_on",
    "open_tasks",
    "read_book",
    "register",
    "results",
    "said",
    "slip",
    "stakeholders",
    "tasks",
    "without",
]

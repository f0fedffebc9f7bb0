"""The record of the library: its fields, what is wrong with one, and how complete it is."""

from .check import Terms, measured, problems
from .complete import PARTS, Completeness, completeness
from .model import GRADES, KINDS, SCALES, STATES, TERM_FIELDS, Record
from .parts import (
    ACCESS,
    BANDS,
    CRITERIA,
    DESIGNS,
    Consent,
    Contact,
    Copy,
    Cost,
    Document,
    Effect,
    Funding,
    Identifier,
    Link,
    Participants,
    Participation,
    Period,
    Place,
    Result,
    Review,
    Source,
    Transfer,
)
from .rules import TEXTS, languages
from .texts import NOT_STATED, Said, Texts, hostile, year_of

__all__ = [
    "ACCESS", "BANDS", "CRITERIA", "DESIGNS", "GRADES", "KINDS", "NOT_STATED", "PARTS", "SCALES", "STATES",
    "TERM_FIELDS", "TEXTS", "Completeness", "Consent", "Contact", "Copy", "Cost", "Document", "Effect",
    "Funding", "Identifier", "Link", "Participants", "Participation", "Period", "Place", "Record", "Result",
    "Review", "Said", "Source", "Terms", "Texts", "Transfer", "completeness", "hostile", "languages",
    "measured", "problems", "year_of",
]  # fmt: skip

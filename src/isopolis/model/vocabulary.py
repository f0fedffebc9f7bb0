"""The words on which every part agrees. More of it comes with the library of policies."""

from __future__ import annotations

from .text import phrase

__all__ = ["GROUNDS", "STANDARD", "ground_of", "standard"]

GROUNDS: dict[str, str] = {
    "age": "age",
    "sex": "sex or gender",
    "disability": "disability",
    "origin": "origin (birthplace, citizenship, ethnic origin)",
    "religion": "religion or belief",
    "lgbtiq": "sexual orientation or gender identity",
    "income": "income",
    "education": "education",
    "language": "language",
    "family": "family status",
}
"""Ground of discrimination → its name for readers."""

_ALSO = {
    "gender": "sex",
    "ethnic origin": "origin",
    "racial or ethnic origin": "origin",
    "nationality": "origin",
    "citizenship": "origin",
    "birthplace": "origin",
    "religion or belief": "religion",
    "sexual orientation": "lgbtiq",
    "gender identity": "lgbtiq",
    "socio-economic status": "income",
    "family status": "family",
}


def ground_of(text: str) -> str:
    """Return the ground that `text` names, or an empty text when it names none."""
    word = " ".join(text.lower().replace("_", " ").split())
    return word if word in GROUNDS else _ALSO.get(word, "")


_TITLES = (
    "Age", "Birthplace", "Citizenship", "Country of birth", "Disability", "Education", "Employment",
    "Household income", "Household income, fifths of the city", "Household size", "Income", "Language",
    "Length of residence", "LGBTIQ", "Living alone", "Marital status", "Migration background", "Origin",
    "Race and ethnicity", "Religion", "Sex", "Sexual orientation, gender identity",
)  # fmt: skip
_GROUPS = (
    "Another religion", "Born abroad", "Born elsewhere in the EU", "Born in the country",
    "Born outside the EU",
    "Christian", "Everyone else", "Female", "Foreign", "Fourth fifth", "Highest fifth", "Jewish",
    "Lowest fifth", "Male", "Men", "Middle fifth", "Muslim", "Native", "No", "No religion",
    "Not LGBTIQ", "Not stated", "Other", "Second fifth", "With a disability", "Without a disability",
    "Women", "Yes",
)  # fmt: skip
_PLACES = (
    "area", "areas", "block", "blocks", "borough", "boroughs", "census section", "census sections",
    "census tract", "census tracts", "district", "districts", "grid cell", "grid cells", "municipality",
    "municipalities", "neighbourhood", "neighbourhoods", "parish", "parishes", "planning area",
    "planning areas", "quarter", "quarters", "region", "regions", "section", "sections", "tract", "tracts",
    "ward", "wards", "zone", "zones",
)  # fmt: skip
_OTHERS = (
    "city", "everyone", "residents", "example data, not a real place", "by size of table",
    "voters", "candidates", "households", "population",
)  # fmt: skip


_BODIES = (
    "Adult on foot", "Older person on foot", "Child of about eight to twelve years alone",
    "Adult with a pram", "Person with a cane", "Manual wheelchair", "Powered wheelchair",
    "Adult on foot at night, on lit streets only",
)  # fmt: skip
"""Titles of the mobility profiles that ship."""


def _uncapitalised(title: str) -> str:
    return title[0].lower() + title[1:]


STANDARD = frozenset(
    (
        *_TITLES,
        *_BODIES,
        *(_uncapitalised(t) for t in _TITLES if t != "LGBTIQ"),
        *_GROUPS,
        *(_uncapitalised(t) for t in _GROUPS),
        *_PLACES,
        *(p.capitalize() for p in _PLACES),
        *_OTHERS,
        *GROUNDS.values(),
    )
)
"""Words that many cities use alike, so that they can be translated even though they are a city's own."""


def standard(text: str) -> str:
    """Return a word of a city's data ready to be translated when it is one of `STANDARD`."""
    return phrase(str(text)) if text in STANDARD else text

"""The words on which every part agrees. More of it comes with the library of policies."""

from __future__ import annotations

__all__ = ["GROUNDS", "ground_of"]

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

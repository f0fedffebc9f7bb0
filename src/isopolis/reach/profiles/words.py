"""Sentences on why a body cannot use a street."""

from __future__ import annotations

from isopolis.model.text import phrase

__all__ = ["reasons_in_words"]


def reasons_in_words() -> dict[str, str]:
    """Return the sentence of each reason, by its code."""
    return {
        "steps": phrase("there are steps without a ramp that can be used"),
        "kerb": phrase("the kerb is too high"),
        "incline": phrase("it is too steep, in one direction at least"),
        "width": phrase("it is too narrow"),
        "surface": phrase("the surface cannot be used"),
        "smoothness": phrase("the surface is too rough"),
        "unlit": phrase("it is not lit"),
        "major_road": phrase("it is a major road without sidewalk"),
        "crossing": phrase("a major road must be crossed without signals or markings"),
        "barrier": phrase("a barrier is in the way"),
        "wheelchair": phrase("somebody found that wheelchairs cannot pass"),
        "access": phrase("walking is not allowed there, or the sidewalk is drawn as a street of its own"),
    }

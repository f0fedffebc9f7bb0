"""Every term that pages use, in plain words, each with an anchor that pages link to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

__all__ = ["TERMS", "Term"]


@dataclass(frozen=True, slots=True)
class Term:
    """One term: where it stands on the page, its name, what it means."""

    anchor: str
    name: Any
    text: Any


TERMS = (
    Term("by-chance", _("Expected by chance"), _(
        "The value that would come out if the same people were spread over the same zones at random. It is "
        "never zero: with small zones or small groups, chance alone looks uneven. Compare a value with this "
        "before you call it high.")),
    Term("caveat", _("Take care"), _(
        "Something about the data or the method that can mislead a reader. It stands with every number that "
        "it touches.")),
    Term("cell-key-noise", _("Cell-key noise"), _(
        "A small random change of each published number, so that nobody can be recognised in it. The same "
        "number always gets the same change, so asking twice tells nothing more. Sums may differ a little "
        "from their parts.")),
    Term("change", _("Change"), _(
        "The newer value minus the older one, for the same question. When its interval holds zero, the data "
        "do not show whether anything changed.")),
    Term("chance-method", _("How chance was found"), _(
        "Either computed exactly, or by mixing people over the zones many times with a computer. Each "
        "finding says which.")),
    Term("city-share", _("Share of the city"), _(
        "How many in a hundred people of the whole city belong to the group. Zones are compared with it.")),
    Term("contribution", _("Contribution of a zone"), _(
        "The part of the city's unevenness that lies in one zone. A large zone with a slightly different "
        "mix can contribute more than a small zone with a very different one.")),
    Term("crossing", _("Crossing of dimensions"), _(
        "Two things known about people at once, such as age and sex. It shows what neither shows alone. "
        "Groups become small, so chance weighs more.")),
    Term("diagnosis", _("Diagnosis"), _(
        "Everything measured from one upload of a city's files, at one moment, by one version of the "
        "program.")),
    Term("dimension", _("Dimension"), _(
        "One thing that is known about people, such as age or country of birth. It divides them into "
        "groups.")),
    Term("dissimilarity", _("Dissimilarity"), _(
        "The share of a group that would have to move to another zone to be spread as everyone else is. 0 "
        "means spread like everyone else; 1 means that the two share no zone at all. It says nothing about "
        "anybody having to move.")),
    Term("excess", _("Excess over chance"), _(
        "How far a value goes beyond chance, on the way from chance (0%) to the most that is possible "
        "(100%). Because chance is taken out, groups and cities of different sizes can be compared by it.")),
    Term("exposure", _("Exposure"), _(
        "The mix of people in the zone of an average member of a group. It says who could meet whom near "
        "home, and not who does.")),
    Term("finding", _("Finding"), _(
        "One measured number with all that belongs to it: what chance gives, how sure it is, what to take "
        "care of, where the data came from.")),
    Term("group", _("Group"), _(
        "People who are counted together because they have something in common, such as people over 65. "
        "“Everyone else” are all others of the same count.")),
    Term("interval", _("Interval"), _(
        "The range in which the value beyond chance lies with 95 in 100 certainty, if the method's "
        "assumptions hold. A wide interval means: do not build on the exact number. It is about what is "
        "left after chance is taken out, so the measured value can lie outside of it.")),
    Term("isolation", _("Isolation"), _(
        "The share of their own group in the zone of an average member. Compare it with the share of the "
        "group in the city. It is the name of a measure, and not of a feeling.")),
    Term("location-quotient", _("Compared with the city (location quotient)"), _(
        "The share of a group in a zone divided by its share in the city. 1 times is as in the city, 2 "
        "times is double, 0.5 times is half.")),
    Term("maximum", _("Most possible"), _(
        "The largest value that a measure can reach with these zones and these groups.")),
    Term("measure", _("Measure"), _(
        "A rule that turns counts of people by zone into one number. Different measures answer different "
        "questions, so their values are never compared with each other.")),
    Term("not-comparable", _("Not comparable"), _(
        "Two numbers can be put side by side only when they are defined in the same way. That means the "
        "same measure, the same kind and size of zones, and the same people counted. Intervals must come "
        "from one method, and dates must be near each other.")),
    Term("people", _("People counted"), _(
        "How many people entered a number. Usually the residents at the date, as the city counts them.")),
    Term("place", _("Place in the city"), _(
        "The rank of a zone among all zones that may be shown, beginning with the one whose mix differs "
        "most. A rank is not a judgement.")),
    Term("sensitive", _("Sensitive data"), _(
        "Things about people that the law protects specially, such as religion, ethnic origin, disability "
        "or sexual orientation.")),
    Term("significance", _("p"), _(
        "How often chance alone gives a value at least as high. 0.01 means once in a hundred times. It says "
        "nothing about how large or important a difference is.")),
    Term("source", _("Origin"), _(
        "The file and the office that the numbers came from, with a fingerprint of the file, so that "
        "anybody can check that it is the same file.")),
    Term("suppressed", _("Not shown (suppressed)"), _(
        "A number that is left out because it could tell something about single people, or because so few "
        "people live there that chance decides it. Zones with fewer than 30 people are not shown.")),
    Term("times-average", _("Times the average difference"), _(
        "How far the mix of people in a zone is from the mix of the whole city. 1 is the average over all "
        "residents, 0 is the same mix as the city.")),
    Term("universe", _("Who is counted"), _(
        "The people whom a table is about, such as all residents, or residents aged 15 and over.")),
    Term("zone", _("Zone"), _(
        "One of the areas by which the city counts its people, such as a neighbourhood, a district or a "
        "square of a grid. Smaller zones always show more unevenness than larger ones.")),
)  # fmt: skip

"""Words of the main European languages → social dimensions, totals, and what is no people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from isopolis.model import Dimension

from .config import DimensionConfig

__all__ = ["DIMENSIONS", "Word", "dimension_of", "known_dimension", "plain", "rising", "words"]


@dataclass(frozen=True, slots=True)
class Word:
    """One social dimension of the vocabulary.

    `stems` are beginnings of words (accents removed) that betray it, in any language.
    """

    name: str
    label: str
    ground: str
    sensitive: bool
    ordered: bool
    stems: tuple[str, ...]


def _stems(text: str) -> tuple[str, ...]:
    return tuple(text.split())


DIMENSIONS = (
    Word("sex", "Sex", "sex", False, False, _stems(
        "female male women men woman man girls boys sex gender femme femmes homme hommes femmin maschi "
        "sexe sesso sexo "
        "geschlecht weiblich mannlich frauen manner mujer mujeres hombre hombres mulher mulheres homem "
        "homens donne uomini "
        "kobiet mezczyzn plec naiset naisia miehet miehia sukupuoli kvinna kvinnor mann menn kon kvinder "
        "maend vrouw vrouwen "
        "mannen geslacht жени мъже пол γυναικ ανδρ φυλο")),
    Word("age", "Age", "age", False, True, _stems(
        "age ages aged elderly alter edad edat eta idade ika alder wiek leeftijd възраст ηλικ under18 "
        "child children senior "
        "seniors youth ans jahre anos years")),
    Word("migration_background", "Migration background", "origin", True, False, _stems(
        "migration migrant migrants migrationshintergrund immigr immigrant immigrants inmigr maahanmuut")),
    Word("birthplace", "Birthplace", "origin", True, False, _stems(
        "born birth birthplace geburt gebor geboren nacid nascid nato nati nee nes naissance syntyn fodd "
        "fodt urodz роден")),
    Word("citizenship", "Citizenship", "nationality", True, False, _stems(
        "citizen citizens citizenship national nationals nationality foreign foreigner foreigners native "
        "natives germans "
        "auslander auslander deutsche staatsang etranger francais extranj espanol estrang italian "
        "cittadin cidadan "
        "ulkomaal kansalais obywatel cudzoz гражд чужд")),
    Word("race", "Race and ethnicity", "ethnic origin", True, False, _stems(
        "race racial ethnic ethnicity ethnie etnia etnic asian black hisp hispanic latino white "
        "native_american roma etniczn")),
    Word("religion", "Religion", "religion", True, False, _stems(
        "religion religious muslim christian catholic protestant orthodox jewish hindu buddhist "
        "konfession religios wyznan "
        "uskonto religie")),
    Word("disability", "Disability", "disability", True, False, _stems(
        "disab disability disabled handicap behinder schwerbehind discapac disabil deficien niepelnospr "
        "vamma beperking "
        "увреж")),
    Word("income", "Income", "income", False, True, _stems(
        "income quintile quintil quintiles decile decil einkommen ingres ingresos renta revenu revenus "
        "reddit rendim tulo "
        "tulot dochod inkomen ses poverty poor rich wealth")),
    Word("education", "Education", "education", False, True, _stems(
        "edu education educational school_level bildung schulab educac estudi estudio estudios diplome "
        "diplomes istruz "
        "titolo wyksztal koulutus opleiding utbildning образов qualification qualifications degree")),
    Word("language", "Language", "language", True, False, _stems(
        "language languages lang sprache langue lingua lengua idioma jezyk kieli taal sprak език "
        "mother_tongue")),
    Word("length_of_residence", "Length of residence", "", False, True, _stems(
        "registered registration residence wohndauer resident_since antiguedad anciennete arrival arrived")),
    Word("household_size", "Household size", "family status", False, True, _stems(
        "hhsize household_size small medium big large taille haushaltsgrosse")),
    Word("living_alone", "Living alone", "family status", False, False, _stems(
        "alone alleinlebend seul solos solas")),
    Word("marital_status", "Marital status", "family status", False, False, _stems(
        "married single widowed divorced marital familienstand civil verheiratet ledig")),
    Word("employment", "Employment", "employment", False, False, _stems(
        "employed unemployed employment inactive erwerb arbeitslos chomeur emploi empleo paro desemple "
        "bezrobot tyoll tyott")),
    Word("sexual_orientation", "Sexual orientation, gender identity", "sexual orientation", True, False,
         _stems(
        "lgbt lgbti lgbtiq sexual orientation gay lesbian trans queer")),
    Word("origin", "Origin", "origin", True, False, _stems(
        "origin herkunft origine origen origem pochodz alkupera herkomst from")),
)  # fmt: skip
"""Known dimensions; the first that fits wins."""

_GROUNDS = {w.name: w for w in DIMENSIONS}


def plain(text: str) -> str:
    """Lower case without accents, words joined by underscores."""
    text = unicodedata.normalize("NFKD", text.casefold())
    text = (
        "".join(c for c in text if not unicodedata.combining(c))
        .replace("ß", "ss")
        .replace("ł", "l")
        .replace("ø", "o")
    )
    return re.sub(r"[\W_]+", "_", text).strip("_")


def words(text: str) -> list[str]:
    """Words of a heading; camel case is taken apart."""
    return [w for w in plain(re.sub(r"(?<=[a-zäöüéà])(?=[A-Z])", "_", text)).split("_") if w]


def known_dimension(texts: Sequence[str]) -> Word | None:
    """Find the dimension that most of `texts` (headings or categories) speak of."""
    votes: dict[str, int] = {}
    for text in texts:
        for word in DIMENSIONS:
            if _speaks(words(text), word):
                votes[word.name] = votes.get(word.name, 0) + 1
                break
    if not votes:
        return None
    best = max(votes, key=lambda n: votes[n])
    return _GROUNDS[best] if votes[best] * 2 >= len(texts) else None


def _speaks(heading: list[str], word: Word) -> bool:
    joined = "_".join(heading)
    for stem in word.stems:
        if ("_" in stem and stem in joined) or stem in heading:
            return True
        if len(stem) >= 5 and any(w.startswith(stem) for w in heading):
            return True
    return False


def dimension_of(config: DimensionConfig, categories: Sequence[str]) -> Dimension:
    """Make the `Dimension` that a configuration describes, with its ground from the vocabulary."""
    known = _GROUNDS.get(config.name)
    sensitive = config.sensitive if config.sensitive is not None else bool(known and known.sensitive)
    ground = config.ground if config.ground is not None else (known.ground if known else "")
    return Dimension(
        config.name,
        tuple(categories),
        label=config.label or (known.label if known else ""),
        labels=config.labels,
        ordered=config.ordered,
        sensitive=sensitive,
        ground=ground,
        legal_basis=config.legal_basis,
    )


_LEVELS = (
    "none no_schooling illiterate unter below less preschool kindergarten primary elementary "
    "lower_secondary lower basic "
    "upper_secondary secondary high_school upper post_secondary vocational short_cycle bachelor tertiary "
    "university higher master "
    "doctorate phd"
).split()
_SIZES = (
    "very_low lowest low small lower_middle middle medium upper_middle high big large very_high highest"
).split()
_LAST = ("above", "over", "plus", "more", "older", "mas", "und_mehr", "uber", "et_plus")
_FIRST = ("below", "under", "less", "unter", "moins", "menos", "do", "up_to")
_NO_ORDER = (
    "unknown",
    "other",
    "missing",
    "undeclared",
    "not_stated",
    "na",
    "unbekannt",
    "inconnu",
    "desconocido",
)


def rising(dimension: str, categories: Sequence[str]) -> tuple[str, ...] | None:
    """Arrange the categories of an ordered dimension, lowest first; None where no order can be told."""
    if any(n in plain(c) for c in categories for n in _NO_ORDER if len(n) > 2 or n in words(c)):
        return None
    keys = {}
    for category in categories:
        key = _place(dimension, category)
        if key is None:
            return None
        keys[category] = key
    if len(set(keys.values())) != len(keys):
        return None
    return tuple(sorted(categories, key=lambda c: keys[c]))


def _place(dimension: str, category: str) -> tuple[float, float] | None:
    text = plain(category)
    numbers = re.findall(r"\d+", re.sub(r"(\d)y\b", r"\1", text))
    found = words(category)
    if numbers:
        lowest = float(numbers[0])
        if any(f in found for f in _FIRST):
            return (lowest - 0.5, 0.0)
        if any(f in found for f in _LAST) or category.rstrip().endswith("+"):
            return (lowest, 1.0)
        return (lowest, 0.0)
    ranks = _LEVELS if dimension == "education" else _SIZES
    fitting = [k for k, level in enumerate(ranks) if level in text]
    # "lower_secondary" holds "lower" and "secondary" too: the longest name counts
    return (float(max(fitting, key=lambda k: len(ranks[k]))), 0.0) if fitting else None

"""Words that tell what a column of numbers is when it is not a group of people."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .vocabulary import words

__all__ = ["AREA_WORDS", "TOTAL_WORDS", "ZONE_WORDS", "meaningless", "purpose", "universe_of", "zone_word"]

_KINDS = {
    "money": "eur euro euros usd dollar dollars gbp chf pln zl reais rent rents price prices cost costs "
    "wage wages salary salaries gdp "
    "gdppc budget fee revenue revenues preis preise miete mieten prix loyer loyers precio precios renta "
    "prezzo prezzi czynsz cena ceny "
    "income_per ingreso_per einkommen_je vuokra hinta",
    "area": "km2 m2 ha area_m2 area_ha hectares sqkm flache superficie surface area_km2 pinta_ala "
    "powierzchnia "
    "oppervlakte fid shape_area "
    "shape_leng shape_length",
    "share": "pct percent percentage prozent share shares rate rates ratio index score scores mean avg "
    "average "
    "median proportion density "
    "prosentti prosenttia osuus quote anteil taux part_pct porcentaje tasa percentuale odsetek wskaznik "
    "gini std stdev variance "
    "probability per rank nature quotient",
    "thing": "household households dwelling dwellings home homes flat flats apartment apartments building "
    "buildings jobs job workplaces "
    "schools school_count pupils_per hospitals healthcare clinics stops trips cars rooms shops libraries "
    "haushalte haushalt wohnungen "
    "logements menages menage hogares hogar viviendas famiglie abitazioni gospodarstwa mieszkania "
    "kotitaloudet asunnot huishoudens "
    "woningen husholdninger votes vote agrees disagrees comments moderated seats min max capacity n_votes "
    "n_agree n_disagree "
    "n_comments minutes distance travel from_id to_id edges nodes",
    "place": "lat lon lng long latitude longitude x y easting northing coord centroid",
    "code": "id code codes nuts iso iso3 fid ogc objectid gid cod codi codigo kod koodi codice",
    "time": "year date month timestamp datetime time vuosi jahr annee ano anno rok jaar ar",
    "level": "decile quintile quartile class klasse grade stars",
}
KINDS = {kind: frozenset(text.split()) for kind, text in _KINDS.items()}

TOTAL_WORDS = frozenset(
    "total totals population pop residents inhabitants everyone all people persons einwohner bevolkerung "
    "gesamt insgesamt habitants "
    "poblacion poblacio habitantes populacao popolazione abitanti residenti ludnosc mieszkancy ogolem "
    "razem vaesto yhteensa asukkaat "
    "befolkning inwoners bevolking население общо totale ensemble aanioikeutetut electorate voters pupils "
    "students".split()
)
ZONE_WORDS = frozenset(
    "id code zone zones area tract neighbourhood neighborhood district school iris insee municipality "
    "commune kommune gemeinde alue kunta "
    "barrio barri seccion quartier bezirk lor plr plz postcode ward parish lau nuts cell hex grid geoid "
    "gid zon obszar gmina dzielnica "
    "quartiere comune wijk buurt buurtcode ggd sp section concelho freguesia code_iris".split()
)
AREA_WORDS = frozenset(
    "district borough region state county bezirk arrondissement commune comune gemeinde kreis province "
    "provincia distrito districte "
    "municipality com city town lan maakunta dzielnica powiat wojewodztwo stadtteil quarter sector ward "
    "canton departement".split()
)
_UNIVERSES = (
    ("candidates", "candidate candidates kandidat kandidaten ehdokkaat ehdokkaiden ehdokkaita"),
    ("voters", "voter voters turnout aanestaneet aanestaneita votants"),
    ("people with the right to vote", "electorate aanioikeutetut eligible electeurs wahlberechtigte"),
    ("pupils", "pupil pupils student students school schools alumnos eleves schuler"),
)


def purpose(heading: str) -> str:
    """Say what a heading speaks of: one of the kinds above (``money``, ``share`` …), or nothing."""
    if "%" in heading or "€" in heading:
        return "share" if "%" in heading else "money"
    found = words(heading)
    for kind in ("money", "share", "area", "thing", "place", "time", "level", "code"):
        if KINDS[kind] & set(found) or any("_" in k and k in "_".join(found) for k in KINDS[kind]):
            # x and y, min and max, and the like mean something only as a whole heading
            if (
                kind == "place"
                and len(found) > 1
                and not {"lat", "lon", "latitude", "longitude"} & set(found)
            ):
                continue
            return kind
    return ""


def is_total(heading: str) -> bool:
    """True for headings that speak of everyone."""
    found = words(heading)
    return bool(set(found) & TOTAL_WORDS) and not purpose(heading)


def zone_word(heading: str) -> bool:
    """True for headings that usually name a zone's id."""
    found = words(heading)
    return bool(set(found) & ZONE_WORDS) or any(
        w.startswith(("code", "nom_iris", "gemeinde", "municip")) for w in found
    )


def meaningless(headings: Sequence[str]) -> bool:
    """True when no heading says anything, as in c1, c2, c3."""
    return all(
        re.fullmatch(r"[^\W\d_]{0,4}[_ ]?\d*", h) and not purpose(h) and not is_total(h) for h in headings
    )


def universe_of(texts: Sequence[str]) -> str:
    """Say who is counted, from a file name or a heading; ``residents`` when nothing says otherwise."""
    found = {w for t in texts for w in words(t)}
    for name, stems in _UNIVERSES:
        if found & set(stems.split()):
            return name
    return "residents"

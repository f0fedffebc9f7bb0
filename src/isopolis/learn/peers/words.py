"""What the context features that ship are called, so that translators see it.

The definitions themselves are in ``content/data/peers/features.yaml``; a test holds that both say the same.
"""

from __future__ import annotations

from isopolis.model.text import phrase

__all__ = ["WORDS"]

WORDS: dict[str, dict[str, str]] = {
    "population": {
        "label": phrase("Residents"),
        "unit": phrase("persons"),
        "definition": phrase("People registered in the municipality on one day of the year."),
    },
    "density": {
        "label": phrase("Residents per square kilometre"),
        "unit": phrase("persons per km²"),
        "definition": phrase("Residents divided by the land area of the municipality, water left out."),
    },
    "functional_area_population": {
        "label": phrase("Residents of the functional urban area"),
        "unit": phrase("persons"),
        "definition": phrase("Residents of the city and its commuting zone together."),
    },
    "population_change": {
        "label": phrase("Change of residents in ten years"),
        "definition": phrase("Residents now against ten years before, in percent of then."),
    },
    "degurba": {
        "label": phrase("Degree of urbanisation"),
        "unit": phrase("1 city, 2 town or suburb, 3 rural"),
        "definition": phrase("Class of the municipality in the degree of urbanisation, as a number."),
    },
    "fua_role": {
        "label": phrase("Role in the functional urban area"),
        "definition": phrase(
            "Whether the municipality is the core, one of several cores, in the commuting zone, or outside."
        ),
    },
    "capital": {
        "label": phrase("Capital of the state or of a region"),
        "definition": phrase("One of national, regional, neither."),
    },
    "under_15": {
        "label": phrase("Residents under 15"),
        "definition": phrase("Share of residents younger than 15."),
    },
    "over_64": {
        "label": phrase("Residents of 65 and older"),
        "definition": phrase("Share of residents aged 65 and older."),
    },
    "born_abroad": {
        "label": phrase("Residents born abroad"),
        "definition": phrase("Share of residents born in another country than the one the city is in."),
    },
    "foreign_citizens": {
        "label": phrase("Residents with foreign citizenship"),
        "definition": phrase(
            "Share of residents without the citizenship of the country, those without any included."
        ),
    },
    "one_person_households": {
        "label": phrase("One-person households"),
        "definition": phrase("Share of private households with one member."),
    },
    "single_parent_households": {
        "label": phrase("Single-parent households"),
        "definition": phrase("Share of private households with one parent and at least one child."),
    },
    "students": {
        "label": phrase("Students in higher education per 1,000 residents"),
        "unit": phrase("per 1,000 residents"),
        "definition": phrase("People enrolled in higher education in the city, by place of study."),
    },
    "gdp_per_head": {
        "label": phrase("Gross domestic product per resident of the region"),
        "unit": phrase("EUR in purchasing power"),
        "definition": phrase("Of the NUTS 3 region that the city lies in; not of the city itself."),
    },
    "employment_industry": {
        "label": phrase("Jobs in industry"),
        "definition": phrase("Share of jobs of the NUTS 3 region in industry, construction left out."),
    },
    "unemployment": {
        "label": phrase("Unemployment"),
        "definition": phrase(
            "Unemployed of the labour force of 15 to 74, labour force survey. "
            "Leave it out (weight 0) when employment is what you compare."
        ),
    },
    "rented_dwellings": {
        "label": phrase("Rented dwellings"),
        "definition": phrase("Share of occupied dwellings that are rented, social housing included."),
    },
    "social_dwellings": {
        "label": phrase("Public and social dwellings"),
        "definition": phrase(
            "Share of occupied dwellings let below market rent by the public or by bodies without profit."
        ),
    },
    "rent_to_income": {
        "label": phrase("Rent as part of income"),
        "definition": phrase(
            "Median rent without heating of new leases, in percent of median disposable household income."
        ),
    },
    "own_revenue": {
        "label": phrase("Own revenue of the city per resident"),
        "unit": phrase("EUR in purchasing power"),
        "definition": phrase("Taxes and fees whose rate the city sets itself; transfers left out."),
    },
    "competences": {
        "label": phrase("Fields in which the city decides"),
        "definition": phrase(
            "Which of housing, schools, childcare, social assistance, health, "
            "public transport, planning, police the city decides on itself."
        ),
    },
    "welfare_regime": {
        "label": phrase("Welfare regime of the country"),
        "definition": phrase(
            "Kind of welfare state in the classification that the table names as its source."
        ),
    },
    "climate_zone": {
        "label": phrase("Climate zone"),
        "definition": phrase("Class of the city's place in the Köppen-Geiger classification."),
    },
    "languages": {
        "label": phrase("Languages of the administration"),
        "definition": phrase("Official languages of the city, as two-letter codes."),
    },
}
"""Label, unit and definition by id of the feature; a unit that is only a sign is not here."""

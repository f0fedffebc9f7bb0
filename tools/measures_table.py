"""Write ``docs/measures.md``: every index of the catalogue beside the names of other tools.

``python -m tools.measures_table`` writes the page; a test holds the page against the registry.
"""

from __future__ import annotations

from pathlib import Path

from isopolis.measure import CATALOGUE, FAMILIES, MEASURES, MeasureSpec

PAGE = Path(__file__).resolve().parents[1] / "docs" / "measures.md"

HEAD = """# Measures

Every index that Isopolis knows, from its registry. This page is made by `python -m tools.measures_table`;
a test fails when it is out of date.

- **recommended**: use it. **legacy**: it is here so that older studies can be checked, for the reason given.
- Measures in bold are asked in every diagnosis. All others are asked by name:
  `isopolis.measure.value_of("atkinson", table)`, with `table` an array of zones by groups, and after it what
  the index needs. The answer is a number, a masked array for a map, or `Undefined` with the reason.
- `isopolis.measure.CATALOGUE["atkinson"].kernel(table)` is the bare function. It trusts its table and gives 0
  where there is nothing to measure.
- Columns: *any* number of groups; *one* group (the first column) against everybody else; *two* groups;
  *many*, all groups at once.
- "Checked by" names the independent value that a test holds ours against.
- `isopolis.compat.pysal` has PySAL's class names with `.statistic`.
- [By the names of other tools](#by-the-names-of-other-tools) finds an index by what it is called elsewhere,
  and says what is not here.
"""

BY_NAME = """## By the names of other tools

Every index of PySAL segregation 2.5.4 (and Hutchens of its main branch), R segregation 1.1.0.9000 (elbersb),
OasisR 3.1.1 and seg 0.5-7, with ours; then what is no index of the catalogue here, and why.
"""

TOOLS = ("PySAL", "elbersb", "OasisR", "seg", "segregsmall")

ELSEWHERE = {
    "elbersb mutual_expected": "exact chance means, in every diagnosis: [inference](inference.md)",
    "elbersb mutual_total_expected": "as `mutual_expected`",
    "elbersb dissimilarity_expected": "as `mutual_expected`",
    "elbersb mutual_total(se = TRUE)": "`person_bootstrap` and jackknife: [inference](inference.md)",
    "elbersb mutual_difference": "[change](change.md)",
    "seg localenv": "`Neighbourhood.environment`, [neighbourhoods](neighbourhoods.md)",
    "Geo-Segregation Analyzer types of Poulsen, Johnston and Forrest": "[typologies](typologies.md)",
    "rsegregation divergence and entropy, within and between": (
        "`mutual_information`, `diversity`, `mutual_information_between`, `mutual_information_within`"
    ),
    "seg deseg": (
        "not here, because no value was at hand to check its parts against; "
        "`surface_min_max` is the index of surfaces"
    ),
    "OasisR ACEDuncanPolyK": (
        "not here, because it is `absolute_centralization` without areas, of the zones within a distance of "
        "the centres: leave the other rows out. OasisR's choice of the K nearest was not run"
    ),
    "OasisR RCEPolyK": "not here, because it is `relative_centralization` of the zones so chosen",
    "MLID multilevel index of dissimilarity": (
        "not here, because its shares of levels come from a model that is fitted; those of M add up exactly"
    ),
}
"""Names of other tools that are no index of the catalogue → where they are, or why they are not here."""


def text() -> str:
    """Return the page."""
    specs = CATALOGUE.values()
    families = [*FAMILIES, *sorted({s.family for s in specs} - set(FAMILIES))]
    parts = [HEAD]
    for family in families:
        rows = sorted(
            (s for s in specs if s.family == family), key=lambda s: (s.name not in MEASURES, s.name)
        )
        if rows:
            parts.append(_section(family, rows))
    parts += [_count(specs), _by_name(specs)]
    return "\n".join(parts)


def _section(family: str, rows: list[MeasureSpec]) -> str:
    titles = ("Measure", "Groups", "Needs", "Verdict", "In other tools", "Source", "Checked by")
    head = f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}\n"
    return f"## {family.capitalize()}\n\n{head}" + "".join(map(_row, rows))


def _row(spec: MeasureSpec) -> str:
    name = f"`{spec.name}` ({spec.symbol})"
    source = "; ".join(f"{c.authors.split(',')[0]} {c.year}" for c in spec.explain.citations)
    cells = (
        f"**{name}**" if spec.name in MEASURES else name,
        spec.groups,
        ", ".join(spec.needs) or ("counts, neighbours" if spec.kind == "spatial" else "counts"),
        f"{spec.verdict}: {spec.because}",
        ", ".join(spec.peers) or "none known",
        source,
        spec.oracle,
    )
    return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |\n"


def _by_name(specs: tuple[MeasureSpec, ...]) -> str:
    ours: dict[str, list[str]] = {}
    for spec in specs:
        for name in spec.peers:
            ours.setdefault(name, []).append(f"`{spec.name}`")
    order = {tool: i for i, tool in enumerate(TOOLS)}
    names = sorted(ours, key=lambda n: (order.get(n.split()[0], len(TOOLS)), n.casefold()))
    rows = [(name, ", ".join(sorted(ours[name]))) for name in names] + list(ELSEWHERE.items())
    return f"{BY_NAME}\n| There | Here |\n|---|---|\n" + "".join(f"| {a} | {b} |\n" for a, b in rows)


def _count(specs: tuple[MeasureSpec, ...]) -> str:
    recommended = sum(s.verdict == "recommended" for s in specs)
    legacy = len(specs) - recommended
    return f"{len(specs)} indices, of which {recommended} are recommended and {legacy} legacy.\n"


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
    print(f"wrote {PAGE.name}")

"""Write the tables of ``docs/access-measures.md`` from the registries of access and equity.

``python -m tools.access_table`` writes them between their marks; a test holds the page against them.
"""

from __future__ import annotations

from pathlib import Path

from isopolis.model import Registry
from isopolis.reach.measures import ACCESS, EQUITY, FAMILIES, LAWS, ReachSpec

PAGE = Path(__file__).resolve().parents[1] / "docs" / "access-measures.md"


def table(registry: Registry[ReachSpec]) -> str:
    """Return one registry as a table, family by family."""
    specs = sorted(registry.values(), key=lambda s: (FAMILIES.index(s.family), s.verdict != "recommended"))
    heads = ("Measure", "Answers", "Verdict", "Laws", "In other tools", "Source", "Checked by")
    head = "| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|\n"
    return head + "".join(_row(s) for s in specs)


def _row(spec: ReachSpec) -> str:
    source = "; ".join(f"{c.authors.split(',')[0]} {c.year}" for c in spec.explain.citations)
    cells = (
        f"`{spec.name}` ({spec.symbol})",
        spec.explain.one_line,
        f"{spec.verdict}: {spec.because}",
        ", ".join(law for law in LAWS if law in spec.laws),
        ", ".join(spec.peers) or "none known",
        source,
        spec.oracle,
    )
    return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |\n"


def laws() -> str:
    """Return the laws as a list."""
    return "".join(f"- **{name}**: {said}\n" for name, said in LAWS.items())


def filled(page: str) -> str:
    """Return the page with the tables of today between their marks."""
    for name, text in (("access", table(ACCESS)), ("equity", table(EQUITY)), ("laws", laws())):
        before, start, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- /{name} -->")
        page = before + start + text + end + after
    return page


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {PAGE.name}")

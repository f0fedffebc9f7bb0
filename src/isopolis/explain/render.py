"""Three renderers of an explanation: terminal text, Markdown, HTML."""

from __future__ import annotations

import textwrap
from html import escape

from .record import Explain

__all__ = ["to_html", "to_markdown", "to_text"]


def _sections(explain: Explain) -> list[tuple[str, tuple[str, ...]]]:
    return [
        ("A low value", (explain.low,)),
        ("A high value", (explain.high,)),
        ("For example", (explain.example,)),
        ("Ask next", explain.ask_next),
        ("Take care", explain.pitfalls),
        ("Not for", (explain.not_for,)),
        ("Sources", tuple(str(c) for c in explain.citations)),
    ]


def to_text(explain: Explain, width: int = 80) -> str:
    """Render for a terminal of `width` columns."""
    out = [explain.title, "=" * len(explain.title), *textwrap.wrap(explain.one_line, width)]
    for heading, texts in _sections(explain):
        out += ["", heading]
        for text in texts:
            out += textwrap.wrap(text, width, initial_indent="  - ", subsequent_indent="    ")
    return "\n".join(out) + "\n"


def to_markdown(explain: Explain, level: int = 2) -> str:
    """Render for the documentation, under a heading of `level`."""
    out = [f"{'#' * level} {explain.title}", "", explain.one_line]
    for heading, texts in _sections(explain):
        out += ["", f"**{heading}**", ""]
        out += [f"- {t}" for t in texts]
    return "\n".join(out) + "\n"


def to_html(explain: Explain) -> str:
    """Render as a definition list; the caller gives it a heading."""
    out = [f"<p>{escape(explain.one_line)}</p>", '<dl class="explain">']
    for heading, texts in _sections(explain):
        out.append(f"<dt>{escape(heading)}</dt>")
        out += [f"<dd>{escape(t)}</dd>" for t in texts]
    return "\n".join([*out, "</dl>"])

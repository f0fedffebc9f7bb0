"""Three renderers of an explanation: terminal text, Markdown, HTML."""

from __future__ import annotations

import textwrap
from html import escape

from isopolis.model.text import phrase

from .languages import said, translated
from .record import Explain

__all__ = ["to_html", "to_markdown", "to_text"]


def _sections(explain: Explain, language: str) -> list[tuple[str, tuple[str, ...]]]:
    def each(*texts: str) -> tuple[str, ...]:
        return tuple(translated(t, language) for t in texts)

    sections = (
        (phrase("A low value"), each(explain.low)),
        (phrase("A high value"), each(explain.high)),
        (phrase("For example"), each(explain.example)),
        (phrase("Ask next"), each(*explain.ask_next)),
        (phrase("Take care"), each(*explain.pitfalls)),
        (phrase("Not for"), each(explain.not_for)),
        # what was published is cited as it was published
        (phrase("Sources"), tuple(str(c) for c in explain.citations)),
    )
    return [(said(heading, language), texts) for heading, texts in sections]


def to_text(explain: Explain, width: int = 80, language: str = "en") -> str:
    """Render for a terminal of `width` columns."""
    title = translated(explain.title, language)
    out = [title, "=" * len(title), *textwrap.wrap(translated(explain.one_line, language), width)]
    for heading, texts in _sections(explain, language):
        out += ["", heading]
        for text in texts:
            out += textwrap.wrap(text, width, initial_indent="  - ", subsequent_indent="    ")
    return "\n".join(out) + "\n"


def to_markdown(explain: Explain, level: int = 2, language: str = "en") -> str:
    """Render for the documentation, under a heading of `level`."""
    title, one_line = translated(explain.title, language), translated(explain.one_line, language)
    out = [f"{'#' * level} {title}", "", one_line]
    for heading, texts in _sections(explain, language):
        out += ["", f"**{heading}**", ""]
        out += [f"- {t}" for t in texts]
    return "\n".join(out) + "\n"


def to_html(explain: Explain, language: str = "en") -> str:
    """Render as a definition list; the caller gives it a heading."""
    out = [f"<p>{escape(translated(explain.one_line, language))}</p>", '<dl class="explain">']
    for heading, texts in _sections(explain, language):
        # works are cited in the language of their titles, which is English
        foreign = ' lang="en"' if language != "en" and texts == tuple(map(str, explain.citations)) else ""
        out.append(f"<dt>{escape(heading)}</dt>")
        out += [f"<dd{foreign}>{escape(t)}</dd>" for t in texts]
    return "\n".join([*out, "</dl>"])

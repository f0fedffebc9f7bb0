"""The report as one HTML file that needs nothing else."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from isopolis import __version__
from isopolis.explain import Explain, to_html

from .blocks import Block, Figure, Report

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["css_string", "environment", "render"]


def css_string(text: str) -> str:
    """Return `text` as a CSS string; everything but letters and digits is escaped."""
    inner = re.sub(r"[^A-Za-z0-9 ,.]", lambda m: f"\\{ord(m[0]):x} ", text)
    return f'"{inner}"'


def _kind(block: Block) -> str:
    return type(block).__name__.lower()


def _svg(figure: Figure) -> Markup:
    """Return the drawing with its accessible name; it is ours, and its text was escaped when drawn."""
    from markupsafe import Markup

    attributes = f'role="img" aria-label="{escape(figure.title)}" aria-describedby="{figure.key}-summary"'
    return Markup(figure.svg.replace("<svg ", f"<svg {attributes} ", 1))


def _explained(explain: Explain) -> Markup:
    from markupsafe import Markup

    return Markup(to_html(explain))


def environment() -> Any:
    """Return the templates of pages, with everything escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    env = Environment(
        loader=PackageLoader("isopolis.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {"kind": _kind, "svg": _svg, "explained": _explained}
    env.filters["css_string"] = lambda text: Markup(css_string(text))
    return env


def render(report: Report) -> str:
    """Return the whole page.

    Parameters
    ----------
    report : Report
        All text in it is plain and is escaped here.
    """
    return str(environment().get_template("report.html.j2").render(report=report, version=__version__))

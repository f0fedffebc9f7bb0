"""Words for numbers: the `Explain` record, its plain-language check, its renderers."""

from .record import Citation, Explain
from .render import to_html, to_markdown, to_text

__all__ = ["Citation", "Explain", "to_html", "to_markdown", "to_text"]

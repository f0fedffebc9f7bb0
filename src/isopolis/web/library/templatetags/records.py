"""Texts of records in templates: in the visitor's language, or marked as being in another one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from isopolis.learn.record import NOT_STATED
from isopolis.web.library.shown import Line, prose

register = template.Library()
MOST_WORDS = 40


@register.filter
def said(line: Line | None) -> SafeString | str:
    """Write a text in one line, with its language where it is another one than that of the page."""
    if line is None:
        return ""
    if not line.foreign and not line.translated:
        return line.text
    return format_html('<span lang="{}" dir="auto">{}</span>', line.language, line.text)


@register.filter
def brief(line: Line | None) -> SafeString | str:
    """Write the beginning of a text in one line; cut before it is marked up, not after."""
    return "" if line is None else said(replace(line, text=Truncator(line.text).words(MOST_WORDS)))


@register.filter
def told(line: Line | None) -> SafeString | str:
    """Write a text as paragraphs, and beneath it its language and who translated it."""
    if line is None:
        return ""
    body = prose(line.text)
    if line.foreign:
        body = format_html('<div lang="{}" dir="auto">{}</div>', line.language, body)
    return format_html("{}{}", body, marks(line))


@register.filter
def marks(line: Line | None) -> SafeString | str:
    """Say that a text is in another language, or translated, and by whom."""
    if line is None:
        return ""
    parts = []
    if line.foreign:
        parts.append(_("This text is in %(language)s.") % {"language": line.named})
    if line.translated == "machine":
        parts.append(_("Translated by a machine."))
    elif line.translated == "human":
        parts.append(_("Translated by a person."))
    return format_html('<p class="note">{}</p>', " ".join(parts)) if parts else ""


@register.filter
def answer(value: Any) -> SafeString | str:
    """Write an answer: words, a text, a pair of both, "not stated", or that nobody has answered."""
    if value is None:
        return mark_safe(f'<p class="note">{_("No answer yet.")}</p>')
    if value == NOT_STATED:
        return mark_safe(f'<p class="note">{_("Not stated in the sources.")}</p>')
    if isinstance(value, Line):
        return told(value)
    if isinstance(value, tuple):
        words, line = value
        return format_html("{}{}", format_html("<p>{}</p>", words) if words else "", told(line))
    return format_html("<p>{}</p>", value)

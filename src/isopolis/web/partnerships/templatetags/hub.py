"""Filters for pages of partnerships: texts in their own language, dates as exact as they are, countries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import template
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from isopolis.act.partnership import NOT_STATED, said
from isopolis.web.languages import page_language
from isopolis.web.languages import said as in_words

register = template.Library()


@register.filter
def told(texts: Any) -> SafeString:
    """Write a text with its language, when that is not the one of the page."""
    if not isinstance(texts, Mapping) or not texts:
        return format_html("{}", texts or "")
    text, language = said(texts, page_language())
    if language == page_language():
        return format_html("{}", text)
    return format_html('<span lang="{}" dir="auto">{}</span>', language, text)


@register.filter
def plain(texts: Any) -> str:
    """Return only the words, for titles and labels."""
    return said(texts, page_language())[0] if isinstance(texts, Mapping) and texts else str(texts or "")


@register.filter
def paragraphs(texts: Any) -> SafeString:
    """Write a longer text as paragraphs with its language; plain texts count as English."""
    if not texts:
        return SafeString()
    text, language = said(texts, page_language()) if isinstance(texts, Mapping) else (str(texts), "en")
    body = mark_safe(linebreaks(text, autoescape=True))
    return format_html('<div lang="{}" dir="auto">{}</div>', language, body)


@register.filter
def written(text: str) -> SafeString:
    """Write a short text of a record, which is kept in English when it has no languages."""
    if not text or page_language() == "en":
        return format_html("{}", text or "")
    return format_html('<span lang="en" dir="auto">{}</span>', text)


@register.filter
def when(given: str | None) -> str:
    """Write a date as exactly as it is known."""
    if not given:
        return _("not stated")
    if given == NOT_STATED:
        return _("not stated")
    if len(given) == 10:
        return date_format(parse_date(given) or date.min, "DATE_FORMAT")
    if len(given) == 7:
        return date_format(date.fromisoformat(given + "-01"), "YEAR_MONTH_FORMAT")
    return given


@register.filter
def words_of(key: str, table: Mapping[str, str]) -> str:
    """Say what a key of a table means, in the language of the page."""
    return in_words(table[key]) if key in table else key


@register.filter
def country(code: str) -> str:
    """Name a country in the language of the page (Unicode CLDR)."""
    from babel import Locale, UnknownLocaleError

    try:
        names = Locale.parse(page_language().replace("-", "_")).territories
    except (UnknownLocaleError, ValueError):
        names = Locale("en").territories
    return names.get(code, code)


@register.filter
def sources(found: Any) -> SafeString:
    """List sources with address and the day on which they were read."""
    rows = [_source(s if isinstance(s, Mapping) else s.model_dump(mode="json")) for s in found or ()]
    if not rows:
        return SafeString()
    listed = format_html_join("", "<li>{}</li>", ((r,) for r in rows))
    return format_html('<p class="note">{}</p><ul class="note">{}</ul>', _("Sources:"), listed)


def _source(one: Mapping[str, Any]) -> SafeString:
    read = one.get("read") or NOT_STATED
    note = (
        _("read on %(day)s") % {"day": when(read)} if read != NOT_STATED else _("day of reading not stated")
    )
    title = format_html('<span lang="en" dir="auto">{}</span>', one["title"])
    if one.get("url"):
        title = format_html('<a href="{}" rel="noopener">{}</a>', one["url"], title)
    return format_html("{} ({})", title, note)

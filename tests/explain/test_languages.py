"""Numbers against the locale data of Babel; explanations and findings in other languages."""

from __future__ import annotations

import gettext

import pytest
from babel.numbers import format_decimal, format_percent
from hypothesis import given
from hypothesis import strategies as st

from isopolis.explain import to_html, to_text
from isopolis.explain.languages import MARKS, Language, language, said, translated, written
from isopolis.flows.words import percent
from isopolis.measure import MEASURES
from isopolis.model.text import Number, count, phrase

ALL = "en fr it es de bg pl lt nl ar cs da el et fi ga hr hu lv mt pt ro sk sl sv".split()
BABEL = {"pt": "pt_PT"}


@pytest.mark.parametrize("code", ALL)
@given(value=st.decimals(-(10**9), 10**9, places=2))
def test_numbers_as_the_locale_data_writes_them(code: str, value: float) -> None:
    ours = written(f"{value:,.2f}", code)
    theirs = format_decimal(value, format="#,##0.00", locale=BABEL.get(code, code))
    # the narrow and the wide blank that does not break are the same to a reader, and so are both minus signs
    assert _alike(ours) == _alike(theirs)


@pytest.mark.parametrize("code", [c for c in ALL if c != "ar"])
def test_percent_as_the_locale_data_writes_it(code: str) -> None:
    theirs = format_percent(0.234, locale=BABEL.get(code, code), decimal_quantization=False)
    assert _alike(written("23.4%", code)) == _alike(theirs)


def _alike(text: str) -> str:
    marks = {"\u202f": " ", "\u00a0": " ", "−": "-", "\u200e": "", "\u200f": "", "\u061c": ""}
    return "".join(marks.get(c, c) for c in text)


def test_every_mark_belongs_to_a_language() -> None:
    assert set(MARKS) < set(ALL)


def test_english_numbers_stay() -> None:
    for code in ("en", "ga", "mt", "ar", "xx"):
        assert written("1,639.5", code) == "1,639.5"


def test_a_language_without_words_speaks_english() -> None:
    assert not language("xx").known
    assert said(phrase("everyone else"), "xx") == "everyone else"
    assert translated("everyone else", "xx") == "everyone else"


def test_a_region_is_its_language() -> None:
    assert language("pt-BR").code == "pt"


class Loud(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return message.upper().replace("{PERCENT}", "{percent}")

    def ngettext(self, one: str, more: str, n: int) -> str:
        return (one if n == 1 else more).upper().replace("{N}", "{n}")


def test_a_sentence_with_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    loud = Language("de", Loud())
    made = phrase("Chance alone would give {percent}.", percent=percent(0.1234))
    assert made.said(loud) == "CHANCE ALONE WOULD GIVE 12,3\u00a0%."
    assert count(1_234_567).said(loud) == "1.234.567"
    assert Number("−0.5").said(loud) == "−0,5"


def test_explanations_are_english_unless_asked() -> None:
    explain = MEASURES["dissimilarity"].explain
    assert to_text(explain) == to_text(explain, language="en")
    assert 'lang="en"' not in to_html(explain)
    assert 'lang="en"' in to_html(explain, "fr")

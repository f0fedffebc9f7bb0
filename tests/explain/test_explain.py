"""Explanations: plain, with a pitfall and a source, and the same on every surface."""

from __future__ import annotations

import re
from html import unescape

import pytest

from isopolis.explain import Citation, Explain, to_html, to_markdown, to_text
from isopolis.explain.plain import JARGON, LONGEST, complaints
from isopolis.measure import FAMILIES, MEASURES, measure
from isopolis.model import CallError

NAMES = list(MEASURES)
SOURCE = Citation("Duncan, O. D.", 1955, "A title", "A journal 20, 210-217", "eq. 1")


def parts(**changed: object) -> dict[str, object]:
    return {
        "title": "A title",
        "one_line": "What is it?",
        "low": "It is low.",
        "high": "It is high.",
        "ask_next": ("Why?",),
        "pitfalls": ("Take care.",),
        "not_for": "Not for this.",
        "example": "One of ten.",
        "citations": (SOURCE,),
    } | changed


@pytest.mark.parametrize("name", NAMES)
def test_every_measure_explains_itself(name: str) -> None:
    e = MEASURES[name].explain
    assert e.title
    assert e.pitfalls
    assert e.citations
    assert e.ask_next
    for text in e.sentences():
        assert text.strip() == text
        assert "  " not in text
        assert text[-1] in ".?!", text
        assert not complaints(text)
        # a space where two pieces of source were joined
        assert not re.search(r"[a-z][.?!][A-Z]", text), text
    assert e.one_line.endswith("?")
    for c in e.citations:
        assert 1850 < c.year < 2030
        assert str(c).startswith(c.authors)
        assert str(c.year) in str(c)


@pytest.mark.parametrize("name", NAMES)
def test_titles_are_not_shared(name: str) -> None:
    titles = [m.explain.title for m in MEASURES.values()]
    symbols = [m.symbol for m in MEASURES.values()]
    assert titles.count(MEASURES[name].explain.title) == 1
    assert symbols.count(MEASURES[name].symbol) == 1
    assert MEASURES[name].family in FAMILIES


def words(text: str) -> str:
    """Text without markup: letters and digits only."""
    return " ".join(re.findall(r"\w+", text))


@pytest.mark.parametrize("name", NAMES)
def test_three_renderers_show_the_same_text(name: str) -> None:
    e = MEASURES[name].explain
    text = to_text(e, width=70)
    markdown = to_markdown(e)
    html = unescape(re.sub(r"<[^>]+>", " ", to_html(e)))
    assert all(len(line) <= 70 for line in text.splitlines())
    assert words(text) == words(markdown)
    assert words(markdown) == words(f"{e.title} {html}")
    for sentence in (*e.sentences(), *map(str, e.citations)):
        for rendered in (text, markdown, html):
            assert words(sentence) in words(rendered)


def test_html_is_escaped() -> None:
    e = Explain(**parts(low="Less than 5 < 6 & more.", title="<b>"))  # type: ignore[arg-type]
    assert "5 &lt; 6 &amp; more" in to_html(e)
    assert "<b>" not in to_html(e)


def test_markdown_level() -> None:
    e = Explain(**parts())  # type: ignore[arg-type]
    assert to_markdown(e, level=4).startswith("#### A title\n")


# -- the plain check can fail ---------------------------------------------------------------


def test_long_sentences_are_complained_about() -> None:
    assert complaints("word " * LONGEST + ".") == []
    (found,) = complaints("word " * (LONGEST + 1) + ".")
    assert f"{LONGEST + 1} words" in found
    two = "word " * LONGEST + ". " + "word " * LONGEST + "."
    assert complaints(two) == []


@pytest.mark.parametrize("word", ["entropy", "Stochastic", "hypergeometric", "stakeholder", "utilise"])
def test_jargon_is_complained_about(word: str) -> None:
    assert complaints(f"The {word} of a zone.")
    assert word.lower() in JARGON


def test_plain_words_are_not() -> None:
    assert complaints("The inter-city train, a parallel line and 0.25 of people.") == []
    assert complaints("") == []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"pitfalls": ()}, "needs a pitfall and a citation"),
        ({"citations": ()}, "needs a pitfall and a citation"),
        ({"example": "The posterior of it."}, "not plain"),
        ({"pitfalls": ("fine.", "word " * 40)}, "not plain"),
        ({"ask_next": ("What is the covariance?",)}, "not plain"),
    ],
)
def test_an_explanation_that_is_not_plain_is_refused(changed: dict[str, object], message: str) -> None:
    with pytest.raises(CallError, match=message):
        Explain(**parts(**changed))  # type: ignore[arg-type]


def test_a_measure_with_an_unknown_law_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown laws"):
        measure(
            "nothing",
            symbol="?",
            family="evenness",
            explain=Explain(**parts()),  # type: ignore[arg-type]
            laws=("always-right",),
            say="",
        )(lambda x: x)
    assert "nothing" not in MEASURES


def test_sentence_templates_have_known_fields_and_no_more() -> None:
    known = set(
        "group versus scale whole value percent less expected expected_percent excess_percent city "
        "share_percent".split()
    )
    for m in MEASURES.values():
        for template in (m.say, m.say_all):
            assert set(re.findall(r"{(\w+)}", template)) <= known, m.name
            if template:
                assert template.endswith(".")
                assert not re.search(r"[a-z][.?!][A-Z]|  ", template), template

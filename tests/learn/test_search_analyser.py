"""The analyser: words of one kind come together, words of other scripts are kept, tokens are one to one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.learn.search import analyse
from isopolis.learn.search.analyser import GAP, STEMMERS, WITHOUT, encoded, indexed, variants
from isopolis.learn.search.letters import cut, fold, lower

from .search_town import CORPUS

SAME = [
    ("de", "Straße", "STRASSE"),
    ("de", "Ältere", "aeltere"),
    ("de", "Wohnungen", "Wohnung"),
    ("el", "στέγασης", "ΣΤΈΓΑΣΗ"),
    ("el", "γυναίκες", "γυναικών"),
    ("tr", "KADIN", "kadın"),
    ("tr", "İŞSİZLİK", "işsizlik"),
    ("ru", "ещё", "еще"),
    ("ru", "женщинами", "женщина"),
    ("bg", "жилището", "жилища"),
    ("uk", "здоров’я", "здоров'я"),
    ("ar", "مَدْرَسَة", "مدرسة"),
    ("ar", "أطفال", "اطفال"),
    ("ar", "الأطفال", "أطفال"),
    ("ar", "مكتبــة", "مكتبة"),
    ("ar", "٢٠٢٤", "2024"),
    ("fr", "l'égalité", "égalité"),
    ("fr", "qu’ensemble", "ensemble"),
    ("it", "dell'uguaglianza", "uguaglianza"),
    ("en", "women's", "women"),
    ("pl", "mieszkania", "mieszkanie"),
    ("hr", "stanovanje", "stanovanja"),
    ("lv", "bērnudārzs", "bērnudārzi"),
    ("sk", "bývanie", "bývania"),
    ("lt", "būstas", "būsto"),
    ("en", "ﬁnance", "finance"),
    ("en", "ＨＯＵＳＩＮＧ", "housing"),
    ("pt-BR", "creches", "creche"),
]

APART = [
    ("uk", "мій", "мии"),  # й is a letter of its own, no и with a mark
    ("uk", "їжа", "іжа"),
    ("en", "general", "generous"),
    ("bg", "интернет", "интеграция"),
    ("de", "Maus", "Haus"),
]


@pytest.mark.parametrize(("lang", "one", "other"), SAME)
def test_forms_of_a_word_meet(lang: str, one: str, other: str) -> None:
    assert analyse(one, lang) == analyse(other, lang)


@pytest.mark.parametrize(("lang", "one", "other"), APART)
def test_other_words_stay_apart(lang: str, one: str, other: str) -> None:
    assert analyse(one, lang) != analyse(other, lang)


@pytest.mark.parametrize(
    ("typed", "lang", "written"),
    [
        ("okullari", "tr", "okulları"),
        ("egalite", "fr", "égalité"),
        ("lodz", "pl", "Łódź"),
        ("المدرسه", "ar", "المدرسة"),
    ],
)
def test_who_lacks_the_keys_finds_it_too(typed: str, lang: str, written: str) -> None:
    stored = indexed(written, lang)
    tokens = {encoded(t) for word in cut(lower(typed, lang)) for t in variants(word, lang)}
    assert tokens & {*stored.places, *stored.besides}


@pytest.mark.parametrize(
    ("word", "inside"),
    [
        ("Kinderbetreuungsplätze", ("Kinderbetreuung", "Betreuung", "Platz", "Kinder")),
        ("Jugendarbeitslosigkeit", ("Jugend", "Arbeitslosigkeit")),
        ("Wohnungsbaupolitik", ("Wohnungsbau", "Politik")),
    ],
)
def test_german_compounds_are_found_by_their_parts(word: str, inside: tuple[str, ...]) -> None:
    stored = indexed(word, "de")
    for part in inside:
        assert encoded(analyse(part, "de")[0]) in stored.besides


def test_a_word_that_only_looks_like_a_compound_is_left_alone() -> None:
    # "Stadt" is known, "halter" is not: nothing is taken apart
    assert indexed("Statthalter", "de").besides == ()
    assert indexed("Kinderbetreuung", "en").besides == ()


@pytest.mark.parametrize("lang", sorted(CORPUS))
def test_every_script_keeps_all_its_words(lang: str) -> None:
    for title, body in CORPUS[lang].values():
        for text in (title, body):
            spaced = text.replace("’", " ").replace("'", " ").replace("-", " ").split()
            kept = analyse(text, lang)
            # elisions ("l'"), the English "'s" and the apostrophe inside a Ukrainian word are no words
            assert len(spaced) - text.count("'") <= len(kept) <= len(spaced)
            assert all(kept)


def test_scripts_without_spaces_are_found_by_pairs_of_signs() -> None:
    assert analyse("住宅政策", "zh") == ("住宅", "宅政", "政策")
    assert analyse("政", "zh") == ("政",)
    assert analyse("Uber在台灣", "zh") == ("uber", "在台", "台灣")


def test_each_language_named_has_a_way() -> None:
    assert not set(STEMMERS) & set(WITHOUT)
    for lang in (*STEMMERS, *WITHOUT, "", "xx", "zz-ZZ"):
        assert analyse("Gleichstellung 2024", lang)[1] == "2024"


@given(st.text(max_size=30))
def test_encoding_is_one_to_one_and_of_letters_and_digits(token: str) -> None:
    made = encoded(token) if token else GAP
    assert made.isascii()
    assert made.isalnum()
    assert made == made.lower() or token.isascii()
    if made[0] == "z":
        assert bytes.fromhex(made[1:]).decode() == token
    else:
        assert made == token


@given(st.text(max_size=60), st.sampled_from([*sorted(CORPUS), "zh", ""]))
def test_laws_of_the_analyser(text: str, lang: str) -> None:
    words = cut(lower(text, lang))
    assert len(analyse(text, lang)) == len(words)
    assert lower(unicodedata.normalize("NFD", text), lang) == lower(unicodedata.normalize("NFC", text), lang)
    for word in words:
        assert fold(fold(word)) == fold(word)
        # what is typed without marks is found where it was written with them
        assert set(variants(fold(word), lang)) & set(variants(word, lang)) or fold(word) != word


@given(st.text(max_size=200))
def test_no_text_breaks_the_store(text: str) -> None:
    made = indexed(text, "de")
    assert all(t.isascii() and t.isalnum() for t in (*made.places, *made.besides))


def test_a_huge_text_is_cut_and_answers() -> None:
    made = indexed("wort " * 200_000, "de")
    assert len(made.places) == 12_000
    assert len(variants("a" * 10_000, "en")[0]) <= 64

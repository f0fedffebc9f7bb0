"""One vocabulary: what it holds, what it refuses, and that nobody has a list of their own."""

from __future__ import annotations

import ast
import contextlib
import datetime as dt
import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.flows.unknowns import EXPECTED
from isopolis.learn.vocabulary import (
    AmbiguousTermError,
    Concept,
    Definition,
    LocalTerm,
    Match,
    Scheme,
    UnknownTermError,
    Vocabulary,
    changes,
    expand,
    folded,
    languages,
    likeness,
    plain,
    shipped,
)
from isopolis.learn.vocabulary.checks import circle, problems
from isopolis.model import GROUNDS, CallError, DataError, ground_of
from isopolis.model.vocabulary import _ALSO
from isopolis.read.vocabulary import DIMENSIONS

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "isopolis"
DAY = dt.date(2026, 1, 2)
UNION = "bg cs da de el es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv".split()
BESIDE = "ar ru tr uk".split()


def scheme(name: str) -> Scheme:
    return Scheme(name, name.title(), "For a test.", "1.0", DAY, "none")


def small(*concepts: Concept, definitions: tuple[Definition, ...] = ()) -> Vocabulary:
    return Vocabulary([scheme("ground"), scheme("group")], concepts, definitions)


def word(id: str, *labels: str, broader: tuple[str, ...] = (), **other: tuple[str, ...]) -> Concept:
    return Concept(id, {"en": labels or (id,), **other}, broader=broader)


# -- what ships -----------------------------------------------------------------------------------
def test_the_grounds_of_the_program_are_those_of_the_vocabulary() -> None:
    assert [c.name for c in shipped().scheme("ground")] == list(GROUNDS)
    for name, text in GROUNDS.items():
        assert shipped().label(f"ground:{name}") == text


def test_other_names_of_grounds_mean_the_same_in_both() -> None:
    texts = {*_ALSO, *GROUNDS.values(), *(d.ground for d in DIMENSIONS if d.ground)}
    for text in texts:
        found = shipped().resolve(text, "ground", "en")
        assert ground_of(text) in ("", found.name), text


def test_every_concept_has_a_label_in_every_language() -> None:
    assert sorted([*UNION, *BESIDE]) == sorted(languages())
    lacking = [
        (c.id, lang)
        for c in shipped().concepts.values()
        for lang in ("en", *languages())
        if not c.labels.get(lang)
    ]
    assert not lacking


SCRIPTS = {"bg": "CYRILLIC", "ru": "CYRILLIC", "uk": "CYRILLIC", "el": "GREEK", "ar": "ARABIC"}


def test_labels_are_in_the_script_of_their_language() -> None:
    for lang, script in SCRIPTS.items():
        for concept in shipped().concepts.values():
            letters = [c for label in concept.labels[lang] for c in label if c.isalpha()]
            own = sum(unicodedata.name(c, "").startswith(script) for c in letters)
            assert own * 2 > len(letters), (lang, concept.id, concept.labels[lang])


@pytest.mark.parametrize("lang", ["de", *languages()])
def test_no_language_is_english_in_disguise(lang: str) -> None:
    concepts = list(shipped().concepts.values())
    same = [c.id for c in concepts if plain(c.labels[lang][0]) == plain(c.labels["en"][0])]
    assert len(same) < 0.08 * len(concepts), same


def test_every_label_leads_back_to_its_concept() -> None:
    known = shipped()
    for concept in known.concepts.values():
        for lang, labels in concept.labels.items():
            for label in labels:
                assert known.resolve(label, concept.scheme, lang) is concept, (lang, label)


def test_what_it_knows_from_the_seeds() -> None:
    known = shipped()
    assert known.resolve("senior citizens").id == "group:older_people"
    assert known.resolve("internal migrants").id == "group:internal_migrants"
    assert [c.name for c in known.scheme("pillar")] == ["regulation", "funding", "knowledge"]
    assert {c.name for c in known.scheme("measure_type")} == {"targeted", "universal", "both"}
    assert len(known.scheme("barrier")) == 9
    assert known.concept("ground:disability").matches == (Match("exact", "tfeu-19", "disability"),)
    assert "group:single_parents" in {c.id for c in known.narrower("group:families")}
    assert "group:older_people_alone" in known.below("group:older_people")


def test_the_seven_grounds_of_the_partnership_are_expected_of_a_city() -> None:
    named = [c.name for c in shipped().scheme("ground") if any(m.scheme == "tfeu-19" for m in c.matches)]
    assert sorted([*named, "income"]) == sorted(EXPECTED)


def test_six_grounds_of_article_19_and_no_more() -> None:
    matched = {m.notation for c in shipped().concepts.values() for m in c.matches if m.scheme == "tfeu-19"}
    assert matched == {
        "age", "sex", "disability", "racial or ethnic origin", "religion or belief", "sexual orientation",
    }  # fmt: skip


# -- nobody has a list of their own ------------------------------------------------------------------
# where grounds stand together in the code, and why
MAY_LIST = {
    "model/vocabulary.py": "tested against the vocabulary above",
    "flows/example/toml.py": "columns of the example city",
    "flows/example/composition.py": "shares of the example city, by column",
    "web/protect/equality.py": "questions; tests/web/test_vocabulary.py resolves each of them",
}


@functools.cache
def code() -> tuple[tuple[str, tuple[ast.AST, ...]], ...]:
    """Every module of the program, read once: its place and its parts."""
    files = (p for p in sorted(PACKAGE.rglob("*.py")) if "migrations" not in p.parts)
    return tuple(
        (p.relative_to(PACKAGE).as_posix(), tuple(ast.walk(ast.parse(p.read_text(encoding="utf-8")))))
        for p in files
    )


def lists_of_grounds(nodes: Iterable[ast.AST]) -> Iterator[int]:
    """Lines of literal collections with four or more names of grounds."""
    for node in nodes:
        items = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
        if not isinstance(node, ast.Dict | ast.List | ast.Set | ast.Tuple):
            continue
        texts = {i.value.lower() for i in items if isinstance(i, ast.Constant) and isinstance(i.value, str)}
        if sum(1 for name in GROUNDS if name in texts) >= 4:
            yield node.lineno


def test_no_module_has_its_own_list_of_grounds() -> None:
    found = [
        f"{place}:{line}"
        for place, nodes in code()
        if place not in MAY_LIST
        for line in lists_of_grounds(nodes)
    ]
    assert not found, "take the grounds from isopolis.learn.vocabulary or isopolis.model.GROUNDS"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('MINE = ("age", "sex", "religion", "disability")', [1]),
        ('MINE = {"age": 1, "sex": 2, "income": 3, "origin": 4}', [1]),
        ('COLUMNS = ("age", "sex", "zone")', []),
    ],
)
def test_the_search_for_lists_finds_them(source: str, lines: list[int]) -> None:
    assert list(lists_of_grounds(ast.walk(ast.parse(source)))) == lines


def test_ids_written_in_the_code_exist() -> None:
    names = "|".join(shipped().schemes)
    form = re.compile(rf"(?:{names}):[a-z][a-z_]+")
    unknown = []
    for place, nodes in code():
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and form.fullmatch(node.value):
                unknown += [] if node.value in shipped() else [f"{place}:{node.lineno} {node.value}"]
    assert not unknown


# -- looking up ---------------------------------------------------------------------------------------
def test_an_unknown_word_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownTermError, match="wheelchair_users") as caught:
        shipped().resolve("wheel chair user")
    assert caught.value.nearest[0].id == "group:wheelchair_users"
    assert isinstance(caught.value, CallError)
    with pytest.raises(UnknownTermError, match="nothing is near"):
        shipped().resolve("qqqq")
    with pytest.raises(UnknownTermError, match="ground:disability"):
        shipped().concept("ground:disabillity")


def test_a_word_of_two_lists_asks_which() -> None:
    with pytest.raises(AmbiguousTermError, match="say which scheme") as caught:
        shipped().resolve("regulation")
    assert {c.id for c in caught.value.nearest} == {"pillar:regulation", "instrument:regulation"}
    assert shipped().resolve("regulation", "pillar").id == "pillar:regulation"


def test_accents_and_spelling_do_not_matter_but_win() -> None:
    known = small(word("ground:a", "résumé"), word("ground:b", "resume"))
    assert known.resolve("Résumé").id == "ground:a"
    assert known.resolve("RESUME").id == "ground:b"
    assert shipped().resolve("meres seules", lang="fr").id == "group:single_parents"
    assert shipped().resolve("  SINGLE_parents ").id == "group:single_parents"


def test_english_wins_when_no_language_is_said() -> None:
    known = small(word("ground:gift", "gift"), word("ground:poison", "poison", de=("Gift",)))
    assert known.resolve("Gift").id == "ground:gift"
    assert known.resolve("Gift", lang="de").id == "ground:poison"


def test_walls_of_text_are_refused_quickly() -> None:
    with pytest.raises(UnknownTermError) as caught:
        shipped().resolve("heat " * 2_000_000)
    assert len(str(caught.value)) < 1000


@given(st.text(max_size=60))
def test_any_text_is_found_or_refused(text: str) -> None:
    with contextlib.suppress(UnknownTermError):
        assert shipped().resolve(text).id in shipped()


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_a_likeness(a: str, b: str) -> None:
    assert 0 <= likeness(a, b) <= 1
    assert likeness(a, b) == likeness(b, a)
    assert likeness(a, a) == 1


@pytest.mark.parametrize("text", ["wheelchair usr", "Kinderbetreung", "x", "", "школа", "ground:disabillity"])
def test_the_nearest_against_comparing_with_every_label(text: str) -> None:
    asked = text.rpartition(":")[2]
    best = {
        c.id: max(likeness(asked, label) for labels in c.labels.values() for label in labels)
        for c in shipped().concepts.values()
    }
    slow = sorted(((id, score) for id, score in best.items() if score >= 0.3), key=lambda p: (-p[1], p[0]))[
        :5
    ]
    assert [(c.id, score) for c, score in shipped().nearest(text)] == slow


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert plain(plain(text)) == plain(text)


# -- what a vocabulary must not have --------------------------------------------------------------------
def test_broader_in_a_circle_is_refused_and_named() -> None:
    with pytest.raises(DataError, match="group:a → group:b → group:c → group:a"):
        small(
            word("group:a", broader=("group:b",)),
            word("group:b", broader=("group:c",)),
            word("group:c", broader=("group:a",)),
        )
    with pytest.raises(DataError, match="group:a → group:a"):
        small(word("group:a", broader=("group:a",)))


def test_a_chain_of_twenty_thousand_is_no_circle() -> None:
    n = 20_000
    chain = {f"g:{i}": (f"g:{i + 1}",) for i in range(n)} | {f"g:{n}": ()}
    assert circle(chain) == ()
    closed = circle(chain | {f"g:{n}": ("g:0",)})
    assert len(closed) == n + 2
    assert closed[0] == closed[-1]


@given(st.dictionaries(st.integers(0, 6), st.lists(st.integers(0, 6), max_size=3), max_size=7))
def test_circles_against_powers_of_the_matrix(links: dict[int, list[int]]) -> None:
    import numpy as np

    one = np.zeros((7, 7), dtype=int)
    for a, targets in links.items():
        for b in targets:
            one[a, b] = 1
    power, any_back = np.eye(7, dtype=int), False
    for _ in range(7):
        power = np.minimum(power @ one, 1)
        any_back |= bool(np.trace(power))
    found = circle({str(a): [str(b) for b in bs] for a, bs in links.items()})
    assert bool(found) is any_back
    for below, above in itertools.pairwise(found):
        assert int(above) in links[int(below)]


def test_all_problems_are_said_at_once() -> None:
    found = problems(
        [
            word("group:a", "same"),
            word("group:b", "Same!"),
            word("group:b", "other"),
            word("Bad Id", "x"),
            word("group:c", "c", broader=("group:nowhere",)),
            word("group:d", "d", broader=("ground:z",)),
            word("ground:z", "z"),
            Concept("group:e", {}),
            word("group:f", "<script>alert(1)</script>"),
            word("group:g", "x" * 10_000_000),
            word("group:h", "\u0000"),
            word("group:i", *(f"label {i}" for i in range(50))),
        ],
        "test.json",
    )
    codes = {p.code for p in found}
    assert codes == {
        "label-twice", "id-twice", "bad-id", "loose-end", "broader-elsewhere", "no-label", "markup-in-label",
        "label-too-long", "empty-label", "too-many-labels",
    }  # fmt: skip
    assert all(p.file == "test.json" for p in found)
    assert sum(len(str(p)) for p in found) < 10_000


def test_the_same_word_in_two_schemes_or_languages_is_fine() -> None:
    known = small(word("ground:a", "word"), word("group:a", "word"), word("group:b", "bord", fr=("word",)))
    assert known.resolve("word", "ground").id == "ground:a"


# -- a city's own words -------------------------------------------------------------------------------
def test_a_local_term_means_what_a_person_confirmed() -> None:
    term = LocalTerm("local:sorgende", "sorgende Angehörige", "de", "group")
    assert shipped().with_local([term]).resolve("sorgende Angehörige").id == "local:sorgende"
    proposed = shipped().proposal(term)
    assert (proposed.state, proposed.concept) == ("proposed", "group:carers")
    assert 0.3 < proposed.score < 1
    assert shipped().with_local([proposed]).resolve("sorgende Angehörige").id == "local:sorgende", "not yet"
    sure = proposed.confirmed("group:carers", "Ms Example")
    assert shipped().with_local([sure]).resolve("sorgende Angehörige", "group").id == "group:carers"
    assert shipped().with_local([sure]).concept("local:sorgende").matches[0].notation == "group:carers"
    own = proposed.declined("Ms Example")
    assert shipped().with_local([own]).resolve("sorgende Angehörige").id == "local:sorgende"
    with pytest.raises(UnknownTermError):
        shipped().resolve("sorgende Angehörige", "group")


def test_nobody_is_no_person() -> None:
    term = LocalTerm("local:x", "x", "en", "group")
    with pytest.raises(ValueError, match="by nobody"):
        term.confirmed("group:women", "")
    with pytest.raises(ValueError, match="no concept"):
        LocalTerm("local:x", "x", "en", "group", state="confirmed", by="me")
    with pytest.raises(ValueError, match="local:name"):
        LocalTerm("group:x", "x", "en", "group")
    with pytest.raises(UnknownTermError):
        shipped().with_local([term.confirmed("group:nobody", "me")])
    with pytest.raises(CallError, match="of scheme 'colour'"):
        shipped().with_local([LocalTerm("local:x", "x", "en", "colour")])


def test_a_local_term_never_takes_a_shipped_word_away() -> None:
    term = LocalTerm("local:women", "women", "en", "group").confirmed("group:men", "somebody")
    with pytest.raises(AmbiguousTermError):
        shipped().with_local([term]).resolve("Women", "group", "en")
    assert shipped().resolve("women").id == "group:women"


# -- expansion ------------------------------------------------------------------------------------------
def test_a_query_is_said_in_every_language() -> None:
    found = expand(shipped(), "Kinderbetreuung für Alleinerziehende", "de")
    assert {e.concept for e in found} == {"service:childcare", "theme:childcare", "group:single_parents"}
    single = next(e for e in found if e.concept == "group:single_parents")
    assert "single parents" in single.labels["en"]
    assert "familles monoparentales" in single.labels["fr"]
    assert single.words == ("alleinerziehende",)


def test_the_longest_label_wins() -> None:
    found = expand(shipped(), "older people living alone", "en")
    assert [e.concept for e in found] == ["group:older_people_alone"]


def test_without_a_language_every_language_is_tried() -> None:
    assert "hazard:earthquake" in {e.concept for e in expand(shipped(), "terremoto")}
    assert expand(shipped(), "qqqq") == ()
    assert expand(shipped(), "") == ()


def test_an_analyser_finds_inflected_words() -> None:
    def stems(text: str, _lang: str) -> list[str]:
        return [w.removesuffix("s") for w in folded(text).split()]

    assert [e.concept for e in expand(shipped(), "tenant", "en", stems)] == ["group:tenants"]
    assert not expand(shipped(), "tenant", "en")


def test_long_queries_are_cut() -> None:
    assert len(expand(shipped(), "heat " * 100_000, "en")) <= 200


# -- versions ---------------------------------------------------------------------------------------------
def definition(version: str, text: str, day: int) -> Definition:
    return Definition("definition:city", version, dt.date(2026, 1, day), "working", "City", text)


def test_changes_between_versions() -> None:
    old = small(
        word("group:a", "a", fr=("à",)),
        word("group:gone", "gone"),
        definitions=(definition("1.0", "one", 1), definition("1.1", "other", 2)),
    )
    new = small(
        word("group:b", "b"),
        Concept("group:a", {"en": ("a", "also"), "fr": ("à",)}, definition="A.", broader=("group:b",)),
        definitions=(definition("1.0", "one!", 1), definition("2.0", "two", 3)),
    )
    assert [(c.id, c.what, c.lang, c.before, c.after) for c in changes(old, new)] == [
        ("group:a", "definition", "", "", "A."),
        ("group:a", "broader", "", "", "group:b"),
        ("group:a", "label", "en", "a", "a; also"),
        ("group:b", "added", "", "", "b"),
        ("group:gone", "removed", "", "gone", ""),
        ("definition:city@1.0", "definition", "", "one", "one!"),
        ("definition:city@1.1", "removed", "", "other", ""),
        ("definition:city@2.0", "added", "", "", "two"),
    ]
    assert changes(new, new) == ()
    assert new.definition("definition:city").version == "2.0"
    assert new.definition("definition:city", "1.0").text == "one!"
    with pytest.raises(CallError, match=r"definition:city@2\.0"):
        new.definition("definition:city", "9")


def test_the_definition_that_reports_name() -> None:
    from isopolis.report.content import definition_used

    used = shipped().definition()
    assert used.sources
    assert used.key in definition_used()
    assert used.version in definition_used()

"""Options, relaxations, order and storage of the search: by hand, against looking, and by laws."""

from __future__ import annotations

import math
import sqlite3
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.learn.search import Alike, Document, Index, Need, Query, search
from isopolis.learn.search.analyser import variants
from isopolis.learn.search.dialects import vector
from isopolis.learn.search.documents import FIELDS, stored
from isopolis.learn.search.logic import All, Any, Phrase, holds, pruned
from isopolis.learn.search.query import LONGEST_QUERY, MOST_WORDS, understood
from isopolis.learn.search.rank import EVIDENCE, K1, NEED, TITLE, B
from isopolis.model import CallError

from .search_town import WORDS, Scan, documents, on_sqlite

HAND = [
    Document(
        "a",
        {"en": ("Night bus", "A bus for women at night.")},
        {"kind": ("case",), "country": ("FR",)},
        4,
        1.0,
    ),
    Document(
        "b",
        {"en": ("Night school", "A school in the evening.")},
        {"kind": ("case",), "country": ("DE",)},
        0,
        0.0,
    ),
    Document(
        "c",
        {"en": ("Street lights", "Light at night on the way to the bus.")},
        {"kind": ("policy",), "country": ("DE",)},
        2,
        0.5,
    ),
]


@pytest.fixture
def index() -> Index:
    return on_sqlite(HAND)


@pytest.fixture(scope="module")
def town() -> Index:
    return on_sqlite(documents())


def ids(hits: object, loose: bool = False) -> list[str]:
    return [h.id for h in hits.hits if h.loose is loose]  # type: ignore[attr-defined]


# -- what is found ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("night bus", {"a", "c"}),
        ('"night bus"', {"a"}),
        ("“night bus”", {"a"}),
        ("night -bus", {"b"}),
        ('night -"night bus"', {"b", "c"}),
        ("night −bus", {"b"}),
        ("-bus", {"b"}),
        ("NIGHTS", {"a", "b", "c"}),
        ("kind:policy", {"c"}),
        ("night country:DE", {"b", "c"}),
        ("country:DE country:FR kind:case", {"a", "b"}),
        ("", {"a", "b", "c"}),
        ("the of and", set()),
        ('"the way to the bus"', {"c"}),
        ('bus"', {"a", "c"}),
        ("AND OR NOT NEAR(bus", set()),
        ("'; DROP TABLE library_search_record; --", set()),
        ("title:bus", set()),
        ("bus* ^night {body}:night", set()),
        ("http://night.bus", set()),
    ],
)
def test_words_phrases_minus_and_filters(index: Index, text: str, found: set[str]) -> None:
    hits = search(index, Query(text, enough=1))
    assert set(ids(hits)) == found
    assert hits.total == len(ids(hits))


def test_a_phrase_does_not_reach_from_title_to_text_nor_over_paragraphs() -> None:
    index = on_sqlite([Document("x", {"en": ("Warm meal", "soup kitchen\n\nopen daily")})])
    assert search(index, Query('"meal soup"', enough=0)).total == 0
    assert search(index, Query('"kitchen open"', enough=0)).total == 0
    assert search(index, Query('"soup kitchen"')).total == 1


def test_few_hits_are_filled_up_with_some_of_the_words_and_it_is_said(index: Index) -> None:
    hits = search(index, Query("school bus"))
    assert hits.total == 0
    assert set(ids(hits, loose=True)) == {"a", "b", "c"}
    assert "No record has all of this; these have some of the words." in hits.notes
    one = search(index, Query("women bus"))
    assert ids(one) == ["a"]
    assert one.hits[0].id == "a"
    assert any(n.startswith("1 record has all of this") for n in one.notes)
    assert search(index, Query("women bus", enough=1)).loose == 0


def test_small_words_are_not_insisted_on_unless_there_are_no_others(index: Index) -> None:
    hits = search(index, Query("a bus by the women", enough=1))
    assert ids(hits) == ["a"]
    assert hits.notes == ("Not insisted on: “a”, “by” and “the”.",)
    # in the language of the page only: German "die" is no small word of English
    assert search(index, Query("die", enough=0)).notes == ("“die” is in no record.",)


def test_a_word_that_no_record_has_is_named_or_stands_for_its_beginning(index: Index) -> None:
    assert "“zeppelin” is in no record." in search(index, Query("zeppelin")).notes
    hits = search(index, Query("schooling", enough=1))
    assert ids(hits) == ["b"]
    near = search(index, Query("womenfolk", enough=1))
    assert ids(near) == ["a"]
    assert near.notes == ("“womenfolk” is in no record; searched for words that begin with “women”.",)


def test_concepts_are_searched_for_in_every_language(town: Index) -> None:
    hits = search(town, Query("housing", "en", limit=1000), WORDS)
    # every record marked with the theme, in whatever language its text is
    assert set(ids(hits)) >= {d.id for d in documents() if "theme:housing" in d.facets["theme"]}
    assert any(f.concept == "theme:housing" for f in hits.found)
    plain = search(town, Query("housing", "en", limit=1000, concepts=False), WORDS)
    assert set(ids(plain)) < set(ids(hits))


# -- limits ----------------------------------------------------------------------------------------
def test_a_query_of_ten_megabytes_is_refused() -> None:
    with pytest.raises(CallError, match=r"10,000,000 letters; up to 1,000 are allowed"):
        Query("x" * 10_000_000)
    with pytest.raises(CallError, match="1 to 1,000 results"):
        Query("x", limit=0)


def test_the_longest_query_allowed_has_an_answer_and_says_what_counts(town: Index) -> None:
    text = " ".join(f"w{i}" for i in range(400))[:LONGEST_QUERY]
    hits = search(town, Query(text), WORDS)
    assert hits.total == 0
    assert any(str(n).startswith("Only the first words count") for n in hits.notes)
    assert len(hits.asked.items) == MOST_WORDS


@pytest.mark.parametrize("text", ['"' + "a" * 999, ("x" * 63 + '"' + "y" * 60 + '"') * 8])
def test_what_is_offered_instead_is_no_longer_than_a_search_may_be(town: Index, text: str) -> None:
    hits = search(town, Query(text, filters={"kind": ("case",)}), WORDS)
    assert all(len(r.query.text) <= LONGEST_QUERY for r in hits.relaxations)
    assert len(hits.asked.text_without(())) == LONGEST_QUERY


def test_invented_languages_make_no_search_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        "isopolis.learn.search.query.variants", lambda word, lang: asked.append(lang) or variants(word, lang)
    )
    codes = [a + b + c for a in "qx" for b in "abcdefghij" for c in "abcdefghij"]
    made = [understood(Query("Überweg"), ("en", "de", *some), WORDS).parts for some in ((), codes[:1], codes)]
    assert made[0] != made[1] == made[2]
    assert len(asked) - len(set(asked)) < 20, "one stands for all of them"
    assert not set(asked) & set(codes)
    foreign = on_sqlite([Document("a", {"cy": ("Llyfrgelloedd", "")})])
    assert ids(search(foreign, Query("llyfrgelloedd"), WORDS)) == ["a"], "by its beginning, as it is kept"


def test_a_record_that_comes_in_while_a_search_runs_is_left_for_the_next(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = index.columns()
    index.put([Document("z", {"en": ("Night bus", "A bus at night.")})])
    monkeypatch.setattr(index, "columns", lambda: before)
    assert ids(search(index, Query("bus"))) == ["a", "c"]
    monkeypatch.setattr("isopolis.learn.search.find.MOST_RANKED", 1)
    assert search(index, Query("bus")).total == 2


@settings(max_examples=150)
@given(st.text(max_size=80), st.sampled_from(["en", "de", "ar", "tr", "bg", "", "xx"]))
def test_any_text_has_an_answer(text: str, lang: str) -> None:
    hits = search(TOWN, Query(text, lang, limit=1000), WORDS)
    assert len([h for h in hits.hits if not h.loose]) == hits.total


# -- options and relaxations ------------------------------------------------------------------------
def test_options_count_what_they_would_leave_and_empty_ones_are_disabled(index: Index) -> None:
    facets = {f.field: {o.value: o for o in f.options} for f in search(index, Query("bus")).facets}
    assert {v: o.count for v, o in facets["kind"].items()} == {"case": 1, "policy": 1}
    assert {v: o.count for v, o in facets["country"].items()} == {"FR": 1, "DE": 1}
    chosen = search(index, Query("bus", filters={"kind": ("case",)}))
    kind = {o.value: o for f in chosen.facets if f.field == "kind" for o in f.options}
    assert kind["policy"].count == 1
    assert not kind["policy"].disabled  # chosen beside "case" it would add one
    assert kind["case"].chosen
    country = {o.value: o for f in chosen.facets if f.field == "country" for o in f.options}
    assert country["DE"].count == 0
    assert country["DE"].disabled


def test_no_option_that_can_be_chosen_leads_to_nothing(town: Index) -> None:
    for text, filters in [
        ("", {}),
        ("housing", {}),
        ("kita", {"kind": ("case",)}),
        ("", {"theme": ("theme:ageing",)}),
    ]:
        query = Query(text, filters=filters, enough=0)
        for facet in search(town, query, WORDS).facets:
            for option in facet.options:
                if option.chosen:
                    continue
                chosen = {**filters, facet.field: (*filters.get(facet.field, ()), option.value)}
                got = search(town, replace(query, filters=chosen), WORDS).total
                had = search(town, query, WORDS).total if facet.field in filters else 0
                assert got == option.count + had
                assert option.disabled == (option.count == 0)


def test_relaxations_say_what_each_thing_dropped_gives(index: Index) -> None:
    query = Query("women night -lights country:DE")
    hits = search(index, query)
    assert hits.total == 0
    got = {(r.kind, r.said): r.hits for r in hits.relaxations}
    assert got == {("word", "women"): 1, ("filter", "country"): 1}
    for r in hits.relaxations:
        assert search(index, r.query).total == r.hits
    assert search(index, Query("bus -night")).relaxations[0].kind == "minus"
    assert search(index, Query("bus", enough=1)).relaxations == ()


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(["bus", "night", "school", "-light", "women", '"night bus"', "-school", "zeppelin"]),
        max_size=4,
    ),
    st.dictionaries(
        st.sampled_from(["kind", "country"]),
        st.sampled_from([("case",), ("DE",), ("FR", "DE"), ("none",)]),
        max_size=2,
    ),
)
def test_counts_and_relaxations_are_those_of_looking(
    words: list[str], filters: dict[str, tuple[str, ...]]
) -> None:
    query = Query(" ".join(words), filters=filters, limit=1000)
    hits = search(HAND_INDEX, query)
    scan = Scan(HAND)
    assert set(ids(hits)) == scan.looked(hits.asked)
    for r in hits.relaxations:
        if r.kind == "filter":
            assert r.hits == len(scan.looked(hits.asked, but=r.said))
        assert search(HAND_INDEX, r.query).total == r.hits
        assert r.hits > hits.total
    if hits.total:
        for facet in hits.facets:
            seen = scan.looked(hits.asked, but=facet.field)
            for option in facet.options:
                has = sum(option.value in scan.given[i].facets.get(facet.field, ()) for i in seen)
                assert option.count == has


# -- the order --------------------------------------------------------------------------------------
def test_the_score_is_bm25_by_hand_times_the_printed_parts(index: Index) -> None:
    hits = search(index, Query("bus", enough=0))
    # "bus": in 2 of 3 records; lengths in words: a 2 + 6, b 2 + 5, c 2 + 9
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    mean = (8 + 7 + 11) / 3

    def bm25(times: float, length: float) -> float:
        return idf * times * (K1 + 1) / (times + K1 * (1 - B + B * length / mean))

    want = {
        "a": round(bm25(1 + TITLE, 8), 4) * round(1 + 4 * EVIDENCE, 4) * 1.0,
        "c": round(bm25(1, 11), 4) * round(1 + 2 * EVIDENCE, 4) * 0.875,
    }
    assert {h.id: h.score for h in hits.hits} == pytest.approx(want, rel=1e-12)
    for hit in hits.hits:
        assert math.prod(r.value for r in hit.reasons) == hit.score
        assert [r.name for r in hit.reasons] == ["words", "evidence", "fullness", "city", "need"]


NEEDS = (
    Need(
        "first",
        0.5,
        {"group": frozenset({"group:single_parents"}), "topic": frozenset({"theme:childcare"})},
        1,
    ),
    Need("second", 0.25, {"ground": frozenset({"ground:age"})}, 2),
)


def test_a_need_changes_scores_by_exactly_its_part(town: Index) -> None:
    query = Query("", limit=1000)
    without = {h.id: h for h in search(town, query).hits}
    given = search(town, replace(query, needs=NEEDS)).hits
    for hit in given:
        part = next(r for r in hit.reasons if r.name == "need")
        assert hit.score == pytest.approx(without[hit.id].score * part.value, rel=1e-12)
        expected = {"care": 1 + NEED * 0.5, "heat": 1 + NEED * 0.25}.get(hit.id.split("-")[0], 1.0)
        assert part.value == expected
    order = sorted(given, key=lambda h: (-math.prod(r.value for r in h.reasons), h.id))
    assert [h.id for h in given] == [h.id for h in order]
    assert [h.id for h in given] != list(without)


def test_needs_do_not_pile_up_and_half_an_answer_counts_half() -> None:
    marks = {"theme": ("theme:childcare",), "ground": ("ground:age",)}
    index = on_sqlite([Document("x", {"en": ("One", "")}, marks)])
    (hit,) = search(index, Query("", needs=NEEDS)).hits
    part = next(r for r in hit.reasons if r.name == "need")
    assert part.value == 1 + NEED * 0.25  # half of 0.5, or all of 0.25: the first stands
    assert part.said == "first"


def test_a_peer_counts_by_its_share_of_runs(town: Index) -> None:
    alike = {"TOWN 3": Alike(0.83, "town 3 is like yours"), "Nowhere": Alike(1.0)}
    hits = search(town, Query("", limit=1000, alike=alike)).hits
    for hit in hits:
        part = next(r for r in hit.reasons if r.name == "city")
        lang_town = next(
            (d.facets["city"][0] for d in documents() if d.id == hit.id and "city" in d.facets), ""
        )
        assert part.value == (1.415 if lang_town == "Town 3" else 1.0)
        if lang_town == "Town 3":
            assert part.said == "town 3 is like yours"


def test_wrong_needs_and_shares_are_refused() -> None:
    with pytest.raises(CallError, match="weight 0 to 1"):
        Need("x", 2.0, {"group": frozenset({"group:roma"})})
    with pytest.raises(CallError, match="weight 0 to 1"):
        Need("x", 0.5, {})
    with pytest.raises(CallError, match="share of runs"):
        Alike(1.5)


def test_many_hits_are_capped_by_title_and_evidence_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("isopolis.learn.search.find.MOST_RANKED", 10)
    many = [
        Document(f"r{i:03}", {"en": ("Bus" if i % 50 == 7 else "Way", "the bus runs")}, {}, i % 5, 0.5)
        for i in range(100)
    ]
    hits = search(on_sqlite(many), Query("bus", limit=100))
    assert hits.total == 100
    assert len(hits.hits) == 10
    assert {"r007", "r057"} <= set(ids(hits))
    assert {int(i[1:]) % 5 for i in ids(hits) if i not in ("r007", "r057")} == {4}
    assert "100 records fit; the 10 of them" in hits.notes[0]


# -- the store -------------------------------------------------------------------------------------------
def contents(index: Index) -> tuple[object, ...]:
    found = search(index, Query("", limit=1000))
    terms = index._ask("SELECT token, records FROM {p}_term ORDER BY token")
    return sorted(ids(found)), found.facets, terms


def test_taking_in_twice_changes_nothing_and_taking_out_leaves_no_trace() -> None:
    index = on_sqlite(HAND)
    before = contents(index)
    stamp = index.columns().stamp
    assert index.put(HAND) == 0
    assert index.columns().stamp == stamp
    extra = Document(
        "d", {"en": ("Bridge", "A bridge over the river, a bus over the bridge.")}, {"kind": ("study",)}
    )
    assert index.put([extra]) == 1
    assert ids(search(index, Query("river"))) == ["d"]
    assert index.put([replace(extra, texts={"en": ("Tunnel", "Under the river")})]) == 1
    assert search(index, Query("bridge", enough=0)).total == 0
    assert index.remove(["d", "d", "unknown"]) == 1
    assert index.remove(["d"]) == 0
    assert contents(index) == before
    assert index.put([extra]) == 1
    assert ids(search(index, Query("bridge", enough=0))) == ["d"]
    assert index.replace_all(HAND) == 1
    assert contents(index) == before


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["put", "remove"]), st.integers(0, 3)), max_size=12)
)
def test_any_history_ends_in_the_index_of_its_result(history: list[tuple[int, str, int]]) -> None:
    texts = ["night bus", "bus bus school", "light", "women"]
    index, want = on_sqlite([]), {}
    for who, what, text in history:
        made = Document(f"x{who}", {"en": (texts[text], texts[-text])}, {"kind": (texts[text][:3],)}, text)
        if what == "put":
            index.put([made])
            want[made.id] = made
        else:
            index.remove([made.id])
            want.pop(made.id, None)
        assert index.columns().count == len(want)
    fresh = on_sqlite(list(want.values()))
    for text in ("bus", "night", "-bus", ""):
        got, expected = search(index, Query(text)), search(fresh, Query(text))
        assert got.hits == expected.hits
        assert [f for f in got.facets if f.options] == list(expected.facets)
    assert contents(index)[2] == contents(fresh)[2]


def test_a_change_that_is_rolled_back_is_not_remembered() -> None:
    connection = sqlite3.connect(":memory:")
    index = Index(connection, "sqlite")
    index.create_tables()
    index.put(HAND)
    connection.commit()
    index.put([Document("ghost", {"en": ("Bus", "")})])
    assert "ghost" in ids(search(index, Query("bus")))
    connection.rollback()
    index.put([Document("real", {"en": ("Bus", "")})])
    assert set(ids(search(index, Query("bus")))) == {"a", "c", "real"}


def test_wrong_names_and_documents_are_refused() -> None:
    with pytest.raises(CallError, match='no search on "oracle"'):
        Index(sqlite3.connect(":memory:"), "oracle")
    with pytest.raises(CallError, match="cannot begin the names of tables"):
        Index(sqlite3.connect(":memory:"), "sqlite", name="x; DROP")
    with pytest.raises(CallError, match="is no facet"):
        Document("x", {}, {"colour": ("red",)})
    with pytest.raises(CallError, match="given twice"):
        on_sqlite([HAND[0], HAND[0]])
    with pytest.raises(CallError, match="must be 0 to 4"):
        Document("x", {}, {}, 7)


def test_tables_can_be_taken_away_and_two_lie_side_by_side() -> None:
    connection = sqlite3.connect(":memory:")
    one, two = Index(connection, "sqlite", "one"), Index(connection, "sqlite", "two")
    for index in (one, two):
        index.create_tables()
    one.put(HAND[:1])
    two.put(HAND[1:])
    assert ids(search(one, Query(""))) == ["a"]
    one.drop_tables()
    one.drop_tables()
    assert set(ids(search(two, Query("")))) == {"b", "c"}
    two.drop_tables()
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


def test_one_word_a_thousand_times_counts_250_times_in_every_database() -> None:
    row = stored(Document("x", {"en": ("", "bus " * 1000 + "stop")}))
    assert row.body.split().count("bus") == 250
    assert "stop" in row.body.split()
    assert vector([], row.body.split()).count(",") == 249
    huge = stored(Document("x", {"en": ("t", " ".join(f"w{i}" for i in range(40_000)))}))
    assert len(huge.body.split()) <= 16_000


# -- the logic ----------------------------------------------------------------------------------------------
LEAVES = st.sampled_from([Phrase(("bus",)), Phrase(("night", "bus")), Phrase(("gone",)), Phrase(("school",))])
LOGIC = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda x: All(tuple(x))),
        st.lists(inner, min_size=1, max_size=3).map(lambda x: Any(tuple(x))),
    ),
    max_leaves=8,
)


@given(LOGIC)
def test_sqlite_answers_a_logic_as_looking_does_and_pruning_changes_nothing(logic: object) -> None:
    rows = {n: (t, b) for n, t, b in HAND_INDEX.everything()}
    want = {n for n, (t, b) in rows.items() if holds(logic, t, b)}  # type: ignore[arg-type]
    assert set(HAND_INDEX.rows(logic).tolist()) == want  # type: ignore[arg-type]
    less = pruned(logic, lambda t: t != "gone")  # type: ignore[arg-type]
    assert {n for n, (t, b) in rows.items() if less is not None and holds(less, t, b)} == want


def test_facets_of_the_page_are_those_of_the_index(town: Index) -> None:
    assert [f.field for f in search(town, Query("")).facets] == [
        f for f in FIELDS if f in {"kind", "theme", "ground", "group", "city", "language"}
    ]
    assert town.columns().facets_of(1)["kind"] == ("case",)


TOWN = on_sqlite(documents())
HAND_INDEX = on_sqlite(HAND)

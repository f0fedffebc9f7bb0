"""500 fixed searches give the same hits on SQLite, PostgreSQL, tantivy and by looking at every record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from isopolis.learn.search import Hits, Index, Query, search
from isopolis.learn.search.letters import cut, lower, script
from isopolis.learn.search.tantivy_engine import Tantivy
from isopolis.model import CallError

from ..databases import POSTGRES, url_of
from .search_town import CORPUS, QUERIES, WORDS, Scan, documents, on_sqlite, shipped


@pytest.fixture(scope="module")
def given() -> list:
    return [*documents(), *shipped()]


@pytest.fixture(scope="module")
def sqlite(given: list) -> Index:
    return on_sqlite(given)


@pytest.fixture(scope="module")
def postgres(given: list, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    import psycopg

    with psycopg.connect(url_of(tmp_path_factory.mktemp("search"))) as connection:
        index = Index(connection, "postgresql")
        index.create_tables()
        index.put(given)
        yield index
        connection.rollback()


@pytest.fixture(scope="module")
def answers(sqlite: Index) -> list[Hits]:
    return [search(sqlite, Query(q[1], q[0], limit=1000), WORDS) for q in QUERIES]


def strict(hits: Hits) -> set[str]:
    return {h.id for h in hits.hits if not h.loose}


def test_there_are_500_in_four_scripts_and_many_languages() -> None:
    assert len({(q[0], q[1]) for q in QUERIES}) == len(QUERIES) == 500
    scripts = {script(word) for q in QUERIES for word in cut(lower(q[1]))}
    assert {"latin", "greek", "cyrillic", "arabic"} <= scripts
    assert len({q[0] for q in QUERIES}) == 28


def test_the_record_that_a_person_expects_is_found(answers: list[Hits]) -> None:
    expected = [(q, a) for q, a in zip(QUERIES, answers, strict=True) if len(q) == 3]
    assert len(expected) >= 150
    lost = [q for q, a in expected if f"{q[2]}-{q[0]}" not in strict(a)]
    assert lost == []


def test_hits_are_those_of_a_search_by_looking(given: list, answers: list[Hits]) -> None:
    scan = Scan(given)
    for q, a in zip(QUERIES, answers, strict=True):
        assert strict(a) == scan.looked(a.asked), q
        assert len(strict(a)) == a.total


def test_most_searches_find_something_and_many_find_little(answers: list[Hits]) -> None:
    sizes = [a.total for a in answers]
    assert sum(n > 0 for n in sizes) > 400
    assert sum(n > 20 for n in sizes) < 150


def test_tantivy_finds_the_same(sqlite: Index, answers: list[Hits]) -> None:
    same(Index(sqlite.connection, "sqlite", matcher=Tantivy()), answers)


def test_tantivy_in_a_folder_follows_the_database(tmp_path: Path) -> None:
    index = on_sqlite(documents())
    index.matcher = Tantivy(tmp_path / "words")
    assert "care-de" in strict(search(index, Query("Kinderbetreuung", "de")))
    index.remove(["care-de"])
    assert "care-de" not in strict(search(index, Query("Kinderbetreuung", "de")))
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "love.txt").write_text("mine")
    index.matcher = Tantivy(tmp_path / "letters")
    with pytest.raises(CallError, match="something else"):
        search(index, Query("Wohnung", "de"))


if POSTGRES:  # `make test-postgres`

    def test_postgresql_finds_the_same(postgres: Index, answers: list[Hits]) -> None:
        same(postgres, answers)

    def test_a_history_ends_alike_on_postgresql(postgres: Index) -> None:
        one, two = Index(postgres.connection, "postgresql", "history"), on_sqlite([])
        one.create_tables()
        for index in (one, two):
            index.put(documents()[:40])
            index.remove([d.id for d in documents()[5:20]])
            index.put(documents()[10:50])
            index.replace_all(documents()[12:60])
        for text in ("", "housing", "Kinderbetreuung -Mutter", '"cool rooms"', "театр", "kreşler"):
            assert search(one, Query(text, limit=1000), WORDS) == search(two, Query(text, limit=1000), WORDS)
        tables = "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'history%'"
        one.drop_tables()
        assert postgres.connection.execute(tables).fetchone() == (0,)

    def test_postgresql_is_asked_with_its_index(postgres: Index) -> None:
        cursor = postgres.connection.cursor()
        cursor.execute("SET enable_seqscan = off")
        said = "EXPLAIN SELECT number FROM library_search_words WHERE vector @@ CAST(%s AS tsquery)"
        cursor.execute(said, ["'hous'"])
        assert "library_search_words_vector" in "".join(row[0] for row in cursor.fetchall())


def same(index: Index, answers: list[Hits]) -> None:
    """Compare hits, scores with all their parts, counts, relaxations and notes."""
    for q, expected in zip(QUERIES, answers, strict=True):
        got = search(index, Query(q[1], q[0], limit=1000), WORDS)
        assert got == expected, q


def test_all_languages_of_the_corpus_are_asked_in() -> None:
    assert {q[0] for q in QUERIES} == set(CORPUS)
    assert json.dumps(CORPUS, ensure_ascii=False).count("example") == 0

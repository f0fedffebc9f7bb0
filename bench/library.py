"""Search in the library: ours beside plain FTS5 and tantivy on the same texts, 20,000 and 100,000 records.

Ours does more in its time: it counts all options, computes the score in parts and says what to drop.
PostgreSQL is measured too where ISOPOLIS_TEST_DATABASE_URL names one.
"""

from __future__ import annotations

import itertools
import os
import platform
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from isopolis.learn.search import Document, Index, Query, search
from isopolis.learn.search.logic import All
from isopolis.learn.search.tantivy_engine import Tantivy

SIZES = (20_000, 100_000)
QUERIES = 200
WORDS = 120
DIFFERENT = 30_000
"""Different words of each language."""
BATCH = 5_000
LIMIT = 0.050
"""Seconds that 95 of 100 searches for all words may take at 100,000 records."""

LANGUAGES = ("en", "de", "fr", "bg", "el", "tr")
SYLLABLES = {
    "bg": "ба во ги да жи за ка ла ми но па ри со ту ча".split(),
    "el": "βα γο δι κα λε μι νο πα ρι σο του φα χι".split(),
}
LATIN = "ba ce di fo gu ha ke li mo nu pa re si to vu".split()
FACETS = {
    "kind": 9,
    "theme": 46,
    "group": 57,
    "ground": 10,
    "service": 44,
    "country": 30,
    "evidence": 5,
    "stated": 7,
}


def words(language: str, count: int, seed: int) -> list[str]:
    """Return invented words of a language, all different."""
    sounds = SYLLABLES.get(language, LATIN)
    known = ["".join(parts) for n in (2, 3, 4) for parts in itertools.product(sounds, repeat=n)]
    order = np.random.default_rng(seed).permutation(len(known))
    return [known[i] for i in order[:count].tolist()]


def documents(count: int, seed: int = 1) -> Iterator[Document]:
    """Yield records of `WORDS` words each whose frequencies follow Zipf's law."""
    rng = np.random.default_rng(seed)
    known = {lang: words(lang, DIFFERENT, i) for i, lang in enumerate(LANGUAGES)}
    reached = np.cumsum(1 / np.arange(1, DIFFERENT + 1))
    reached /= reached[-1]
    for start in range(0, count, BATCH):
        many = min(BATCH, count - start)
        drawn = np.searchsorted(reached, rng.random((many, WORDS))).tolist()
        marks = {name: rng.integers(0, options, (many, 2)).tolist() for name, options in FACETS.items()}
        for i in range(many):
            lang = LANGUAGES[(start + i) % len(LANGUAGES)]
            text = [known[lang][j] for j in drawn[i]]
            facets = {name: tuple(f"{name}:{k}" for k in sorted(set(of[i]))) for name, of in marks.items()}
            texts = {lang: (" ".join(text[:8]), " ".join(text[8:]))}
            yield Document(f"r{start + i}", texts, facets, i % 5, (i % 100) / 100)


def asked(count: int, seed: int = 2) -> list[str]:
    """Return searches for two words that stand in one record, drawn as often as they are written."""
    rng = np.random.default_rng(seed)
    chosen = set(rng.choice(count, QUERIES, replace=False).tolist())
    out = []
    for i, document in enumerate(documents(count)):
        if i in chosen:
            ((title, body),) = document.texts.values()
            both = list(dict.fromkeys(f"{title} {body}".split()))
            out.append(" ".join(rng.choice(both, 2, replace=False)))
    return out


def batches(count: int, size: int = BATCH) -> Iterator[list[Document]]:
    batch: list[Document] = []
    for document in documents(count):
        batch.append(document)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def times(
    run: Callable[[str], Any], queries: list[str], clock: Callable[[], float] = time.process_time
) -> tuple[float, float]:
    """Return median and 95th percentile in seconds; the least of two rounds for each search.

    CPU seconds of this process, in which SQLite and tantivy work too: others use the machine.
    """
    rounds = []
    for _ in range(2):
        took = []
        for text in queries:
            start = clock()
            run(text)
            took.append(clock() - start)
        rounds.append(took)
    best = np.min(rounds, axis=0)
    return float(np.median(best)), float(np.percentile(best, 95))


def run() -> list[dict[str, Any]]:
    """Measure all sizes."""
    rows: list[dict[str, Any]] = []
    for count in SIZES:
        folder = Path(tempfile.mkdtemp(prefix="isopolis-bench-"))
        try:
            rows += measure(count, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    late = [r for r in rows if r["name"].startswith("ours, all words, p95, 100,000") and r["ours"] > LIMIT]
    if late:
        print(f"slower than {1000 * LIMIT:.0f} ms: {[r['name'] for r in late]}", file=sys.stderr)
    return rows


def measure(count: int, folder: Path) -> list[dict[str, Any]]:
    """Build each side on the same texts and ask it the same."""
    print(f"{count:,} records", file=sys.stderr)
    queries = asked(count)
    conditions = (
        f"{date.today().isoformat()}, {platform.machine()}, {os.cpu_count()} cores shared with other work, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {WORDS} words a record in "
        f"{len(LANGUAGES)} languages of invented words, {QUERIES} searches for two words, "
        "least of two rounds, CPU seconds of the process"
    )
    ours, built = our_side(folder / "ours.sqlite3", count)
    plain, plain_built = plain_side(folder / "plain.sqlite3", count)
    rows: list[dict[str, Any]] = []

    def row(name: str, mine: float, peer: float | None, note: str) -> None:
        ratio = None if peer is None else peer / mine
        rows.append({"name": f"{name}, {count:,} records", "ours": mine, "peer": peer, "ratio": ratio,
                     "unit": "seconds", "conditions": f"{conditions}; {note}"})  # fmt: skip

    row("build", built, plain_built, "peer: FTS5 unicode61 on the bare texts")
    full = times(lambda t: search(ours, Query(t, "en", limit=10, enough=0)), queries)
    bare = times(lambda t: plain_search(plain, t), queries)
    for place, name in enumerate(("median", "p95")):
        row(f"ours, all words, {name}", full[place], bare[place],
            "ours with options counted and parts of the score; peer: FTS5, bm25, first ten only")  # fmt: skip
    logics = [logic_of(ours, t) for t in queries]
    columns = ours.columns()
    masks = dict(zip(queries, [mask_of(columns, ours, x) for x in logics], strict=True))
    mine = times(lambda t: columns.counts(masks[t]), queries)
    theirs = times(lambda t: plain_facets(plain, t), queries)
    for place, name in enumerate(("median", "p95")):
        row(
            f"options counted, {name}", mine[place], theirs[place], "peer: one GROUP BY over the hits of FTS5"
        )
    rows += tantivy_rows(ours, queries, full, count, conditions)
    rows += postgres_rows(count, queries, full, conditions)
    plain.close()
    ours.connection.close()
    return rows


def our_side(path: Path, count: int) -> tuple[Index, float]:
    start = time.process_time()
    index = Index(sqlite3.connect(path), "sqlite")
    index.create_tables()
    for batch in batches(count):
        index.put(batch)
        index.connection.commit()
    index.columns()
    return index, time.process_time() - start


def plain_side(path: Path, count: int) -> tuple[sqlite3.Connection, float]:
    start = time.process_time()
    base = sqlite3.connect(path)
    base.execute("CREATE VIRTUAL TABLE t USING fts5(title, body, tokenize='unicode61')")
    base.execute("CREATE TABLE f (record INTEGER, field TEXT, value TEXT)")
    for n, d in enumerate(documents(count), start=1):
        ((title, body),) = d.texts.values()
        base.execute("INSERT INTO t(rowid, title, body) VALUES (?, ?, ?)", (n, title, body))
        base.executemany(
            "INSERT INTO f VALUES (?, ?, ?)", [(n, k, v) for k, vs in d.facets.items() for v in vs]
        )
    base.execute("CREATE INDEX f_record ON f (record)")
    base.commit()
    return base, time.process_time() - start


def plain_search(base: sqlite3.Connection, text: str) -> list[Any]:
    said = " AND ".join(f'"{w}"' for w in text.split())
    return base.execute(
        "SELECT rowid FROM t WHERE t MATCH ? ORDER BY bm25(t, 5, 1) LIMIT 10", [said]
    ).fetchall()


def plain_facets(base: sqlite3.Connection, text: str) -> list[Any]:
    said = " AND ".join(f'"{w}"' for w in text.split())
    return base.execute(
        "SELECT field, value, count(*) FROM f WHERE record IN (SELECT rowid FROM t WHERE t MATCH ?) "
        "GROUP BY 1, 2",
        [said],
    ).fetchall()


def logic_of(index: Index, text: str) -> Any:
    from isopolis.learn.search.logic import pruned, tokens_of
    from isopolis.learn.search.query import understood

    asked_ = understood(Query(text, "en"), index.columns().languages)
    seen = index.frequencies(t for p in asked_.parts for t in tokens_of(p.logic))
    return All(tuple(x for x in (pruned(p.logic, seen.__contains__) for p in asked_.parts) if x is not None))


def mask_of(columns: Any, index: Index, logic: Any) -> Any:
    mask = np.zeros(len(columns.live), bool)
    mask[index.rows(logic)] = True
    return mask


def tantivy_rows(
    index: Index, queries: list[str], full: tuple[float, float], count: int, conditions: str
) -> list[dict[str, Any]]:
    """Measure tantivy as our engine for the words, and alone with its own order."""
    from importlib.metadata import version

    engine = Tantivy()
    other = Index(index.connection, "sqlite", matcher=engine)
    start = time.process_time()
    search(other, Query(queries[0]))
    built = time.process_time() - start
    with_it = times(lambda t: search(other, Query(t, "en", limit=10, enough=0)), queries)
    logics = {t: logic_of(index, t) for t in queries}
    for text in queries:
        if not np.array_equal(index.rows(logics[text]), other.rows(logics[text])):
            raise SystemExit(f"{text}: tantivy and FTS5 find other records")
    searcher = engine._index.searcher()
    alone = times(
        lambda t: searcher.search(engine._query(logics[t], ("title", "body")), limit=10, count=False), queries
    )
    note = f"{conditions}; tantivy {version('tantivy')}"
    out = [("tantivy: index made from the stored tokens", built, None, "")]
    for place, name in enumerate(("median", "p95")):
        out.append(
            (f"ours with tantivy, all words, {name}", with_it[place], full[place], "peer: ours with FTS5")
        )
        out.append((f"ours, all words, {name}, beside tantivy alone", full[place], alone[place],
                    "peer: tantivy's own order of the first ten, no options counted"))  # fmt: skip
    return [
        {"name": f"{name}, {count:,} records", "ours": mine, "peer": peer,
         "ratio": None if peer is None else peer / mine, "unit": "seconds", "conditions": f"{note}; {more}"}
        for name, mine, peer, more in out
    ]  # fmt: skip


def postgres_rows(
    count: int, queries: list[str], full: tuple[float, float], conditions: str
) -> list[dict[str, Any]]:
    """Measure PostgreSQL where there is one to be had."""
    address = os.environ.get("ISOPOLIS_TEST_DATABASE_URL")
    if not address:
        return []
    import psycopg

    with psycopg.connect(address.rpartition("/")[0] + "/postgres") as connection:
        index = Index(connection, "postgresql", "bench_search")
        index.drop_tables()
        start = time.perf_counter()
        index.create_tables()
        for batch in batches(count):
            index.put(batch)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
        connection.autocommit = False
        built = time.perf_counter() - start
        took = times(lambda t: search(index, Query(t, "en", limit=10, enough=0)), queries, time.perf_counter)
        server = connection.info.server_version // 10_000
        connection.rollback()
        index.drop_tables()
        connection.commit()
    note = (
        f"{conditions}; PostgreSQL {server}; seconds by the wall clock, because the server works for it; "
        "peer: ours on SQLite"
    )
    return [
        {"name": f"{name}, {count:,} records", "ours": mine, "peer": peer,
         "ratio": None if peer is None else peer / mine, "unit": "seconds", "conditions": note}
        for name, mine, peer in (
            ("PostgreSQL, build", built, None),
            ("PostgreSQL, all words, median", took[0], full[0]),
            ("PostgreSQL, all words, p95", took[1], full[1]),
        )
    ]  # fmt: skip

"""Tantivy for the words, where it is installed (extra ``search``): the same records, found faster.

The database stays the truth. The engine's own index is made from the stored tokens, is kept in memory
or in a folder, and is made again when the database has changed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError

from .index import Index
from .logic import All, Logic, Phrase

__all__ = ["Tantivy"]

HEAP = 64_000_000


class Tantivy:
    """A `Matcher` for `Index`.

    Parameters
    ----------
    folder : Path, optional
        Where its index lies; in memory when not given.

    Raises
    ------
    CallError
        When tantivy is not installed.
    """

    def __init__(self, folder: Path | None = None) -> None:
        try:
            import tantivy
        except ImportError:
            raise CallError(
                "tantivy is not installed: pip install 'isopolis[search]', "
                "or leave it out (the database finds the same records)"
            ) from None
        self._tantivy: Any = tantivy
        self.folder = folder
        self._stamp: tuple[str, int] | None = None
        self._index: Any = None

    def rows(self, index: Index, logic: Logic, titles: bool) -> npt.NDArray[np.int32]:
        """Return the numbers of the rows that fulfil `logic`."""
        columns = index.columns()
        if self._stamp != (columns.stamp, columns.version):
            self._make(index)
            self._stamp = (columns.stamp, columns.version)
        searcher = self._index.searcher()
        query = self._query(logic, ("title",) if titles else ("title", "body"))
        found = searcher.search(query, limit=max(1, searcher.num_docs), order_by_field="number", count=False)
        return np.fromiter((value for value, _ in found.hits), np.int32, len(found.hits))

    def _make(self, index: Index) -> None:
        t = self._tantivy
        builder = t.SchemaBuilder()
        builder.add_integer_field("number", fast=True)
        for name in ("title", "body"):
            builder.add_text_field(name, tokenizer_name="stored", index_option="position")
        schema = builder.build()
        if self.folder is not None:
            _emptied(self.folder)
        self._index = t.Index(schema, str(self.folder)) if self.folder else t.Index(schema)
        self._index.register_tokenizer("stored", t.TextAnalyzerBuilder(t.Tokenizer.whitespace()).build())
        self._schema = schema
        writer = self._index.writer(HEAP, 1)
        for number, title, body in index.everything():
            writer.add_document(t.Document(number=number, title=title, body=body))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def _query(self, logic: Logic, fields: tuple[str, ...]) -> Any:
        t = self._tantivy
        if isinstance(logic, Phrase):
            return self._any([self._phrase(field, logic.tokens) for field in fields])
        parts = [self._query(part, fields) for part in logic.of]
        if not isinstance(logic, All):
            return self._any(parts)
        return (
            t.Query.boolean_query([(t.Occur.Must, part) for part in parts]) if parts else t.Query.all_query()
        )

    def _any(self, parts: list[Any]) -> Any:
        t = self._tantivy
        if not parts:
            return t.Query.empty_query()
        return parts[0] if len(parts) == 1 else t.Query.boolean_query([(t.Occur.Should, p) for p in parts])

    def _phrase(self, field: str, tokens: tuple[str, ...]) -> Any:
        query: Callable[..., Any] = self._tantivy.Query
        if len(tokens) == 1:
            return query.term_query(self._schema, field, tokens[0])  # type: ignore[attr-defined]
        return query.phrase_query(self._schema, field, list(tokens))  # type: ignore[attr-defined]


def _emptied(folder: Path) -> None:
    """Make the folder, and take away what an earlier index left there; refuse a folder of anything else."""
    folder.mkdir(parents=True, exist_ok=True)
    there = list(itertools.islice(folder.iterdir(), 10_000))
    if there and not (folder / "meta.json").is_file():
        raise CallError(f"{folder} holds something else; name an empty folder for the search")
    for path in there:
        if path.is_file():
            path.unlink()

"""Turning what other libraries raise into something a reader can act on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from isopolis.model import DataError, IsopolisError, Problem
from isopolis.model.text import phrase

__all__ = ["fail", "guarded"]


def fail(code: str, message: str, **where: Any) -> NoReturn:
    """Raise a DataError with one problem."""
    raise DataError([Problem(code, message, **where)])


@contextmanager
def guarded(file: str, what: str, hint: str) -> Iterator[None]:
    """Turn any library error while reading `file` into one problem.

    A damaged file can make a parser raise nearly anything, so this catches
    every `Exception`; our own errors pass unchanged.
    """
    try:
        yield
    except IsopolisError:
        raise
    except MemoryError:
        fail(
            "too-large",
            phrase("the file does not fit into memory"),
            file=file,
            hint=phrase("Split it, or save it as Parquet."),
        )
    except Exception as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        fail(
            "unreadable-file",
            phrase("this cannot be read as {what}", what=what),
            file=file,
            value=said,
            hint=hint,
        )

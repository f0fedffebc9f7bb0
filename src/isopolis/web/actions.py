"""One action per change: its permission, its checks, what it does, its sentence in the audit log.

Pages, and later the API and the command line, change things by actions only, so that each change
is allowed, checked and written down in the same way wherever it comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import Signal

from .audit.chain import SENTENCES, WORDS, append
from .permissions import require

__all__ = ["Action", "ValidationError", "happened"]

happened = Signal()
"""Sent with ``action`` after a change is safely kept."""


@dataclass
class Action:
    """A change that `actor` asks for.

    Class attributes ``verb`` (for the log), ``permission`` (a key of `permissions.RULES`) and
    ``sentence`` (with ``{actor}``, ``{target}`` and the keys of `detail`). An action that does one of
    several things has another sentence for each ``what`` of its `detail` in ``sentences``. Where `detail`
    holds a code, ``words`` says by its key how the code is said to people.
    """

    actor: Any

    verb: ClassVar[str] = ""
    permission: ClassVar[str] = ""
    sentence: ClassVar[str] = ""
    sentences: ClassVar[Mapping[str, str]] = {}
    words: ClassVar[Mapping[str, Callable[[str], Any]]] = {}

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        SENTENCES[cls.verb] = cls.sentence
        SENTENCES.update({f"{cls.verb} {what}": said for what, said in cls.sentences.items()})
        WORDS[cls.verb] = cls.words

    def thing(self) -> Any:
        """Return the object that the permission is about, if it is not the workspace."""
        return None

    def check(self) -> None:
        """Raise `ValidationError` when the change would make no sense."""

    def change(self) -> Any:
        """Make the change and return what was made or changed."""
        raise NotImplementedError

    def target(self, made: Any) -> str:
        """Say in the log what was changed: a kind and a number, never a name."""
        return f"{type(made).__name__.lower()}:{made.pk}"

    def detail(self, made: Any) -> dict[str, str | int]:
        """Return what else the sentence needs; nothing about a person."""
        return {}

    def home(self, made: Any) -> Any:
        """Return the workspace whose log this belongs to."""
        return self.where()

    def where(self) -> Any:
        """Return the workspace in which it happens, if there is one yet."""
        return getattr(self, "workspace", None)

    def run(self) -> Any:
        """Check, change and write down, or do nothing at all."""
        with transaction.atomic():
            require(
                self.actor,
                self.permission,
                self.where(),
                self.thing(),
                partnership=getattr(self, "partnership", None),
                now=getattr(self, "now", None),
            )
            self.check()
            made = self.change()
            home = self.home(made)
            append(
                self.verb,
                actor=self.actor.pk,
                target=self.target(made),
                workspace=home.pk if home is not None else None,
                detail=self.detail(made),
            )
            transaction.on_commit(lambda: happened.send(type(self), action=self))
        return made

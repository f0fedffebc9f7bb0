"""One questionnaire engine: frames as dated data with a source, answers with evidence, comparison, export.

A frame is a YAML file or a CSV table; a new one needs no code (``docs/frames.md``). What could not be read is
marked as absent and never made up.
"""

from __future__ import annotations

from .answers import (
    EVIDENCE_KINDS,
    STATES,
    Answer,
    Completeness,
    Evidence,
    Export,
    characters,
    completeness,
    export,
    from_plain,
    shown,
    to_csv,
    to_plain,
    wrong_answers,
)
from .compare import LEAST, Change, PeerLine, level, over_time, with_peers
from .model import NOT_STATED, ORDERED, SCALES, Frame, Question, Section, Source
from .reading import filled, read_csv, read_frame, write_csv, write_plain, write_yaml
from .shipped import read_text, shipped, shipped_names

__all__ = [
    "EVIDENCE_KINDS", "LEAST", "NOT_STATED", "ORDERED", "SCALES", "STATES", "Answer", "Change",
    "Completeness", "Evidence", "Export", "Frame", "PeerLine", "Question", "Section", "Source",
    "characters", "completeness", "export", "filled", "from_plain", "level", "over_time", "read_csv",
    "read_frame", "read_text", "shipped", "shipped_names", "shown", "to_csv", "to_plain", "with_peers",
    "write_csv", "write_plain", "write_yaml", "wrong_answers",
]  # fmt: skip

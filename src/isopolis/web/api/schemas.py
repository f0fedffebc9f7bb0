"""What programs are told, field by field; the OpenAPI document is made from this."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Field, Schema

from isopolis.web.languages import spoken

__all__ = [
    "AuditPage", "ConfigIn", "DatasetOut", "DatasetPage", "DiagnosisOut", "FilePage", "FindingOut",
    "FindingPage", "JobOut", "JobPage", "MemberPage", "PublicationPage", "TokenOut", "WorkspaceOut",
    "WorkspacePage",
]  # fmt: skip


class TokenOut(Schema):
    """The token that was sent."""

    name: str
    scopes: list[str]
    workspace: str | None = Field(description="the only workspace that it reaches; null for all of its owner")
    expires_at: datetime
    last_used_on: date | None


class WorkspaceOut(Schema):
    """A city's workspace, and what the token's owner is in it."""

    slug: str
    name: str
    role: str
    created_at: datetime


class WorkspacePage(Schema):
    """All workspaces that the token reaches."""

    workspaces: list[WorkspaceOut]


class MemberOut(Schema):
    """Somebody who works in the workspace."""

    account: int = Field(description="number of the account, as in the log")
    name: str = Field(description="name shown to others; empty when none was given")
    role: str
    since: datetime


class MemberPage(Schema):
    """All members."""

    members: list[MemberOut]


class AuditRow(Schema):
    """One change."""

    number: int
    at: str
    verb: str
    actor: int | None = Field(description="number of the account; null when it was the server")
    target: str
    detail: dict[str, Any]
    sentence: str
    seal: str


class AuditPage(Schema):
    """Some rows of the log, newest first."""

    rows: list[AuditRow]
    next: str | None = Field(description="address of the rows before these")


class DatasetFile(Schema):
    """One uploaded file."""

    name: str
    size: int
    sha256: str


class DatasetOut(Schema):
    """An upload, and what the reader said about it."""

    id: UUID
    created_at: datetime
    state: str = Field(description="waiting, ready or refused")
    revision: int = Field(description="how often the description was corrected")
    files: list[DatasetFile]
    config: str = Field(description="city.toml, which says what the files mean")
    config_guessed: bool
    problems: list[dict[str, Any]]
    summary: dict[str, Any]

    @staticmethod
    def resolve_problems(found: Any) -> list[dict[str, Any]]:
        """Say what the reader found in the language of the request."""
        said: list[dict[str, Any]] = spoken(found.problems)
        return said

    @staticmethod
    def resolve_summary(found: Any) -> dict[str, Any]:
        """Say what was understood in the language of the request."""
        said: dict[str, Any] = spoken(found.summary)
        return said


class DatasetPage(Schema):
    """Uploads, newest first."""

    datasets: list[DatasetOut]
    matched: int
    next: str | None


class ConfigIn(Schema):
    """A corrected description."""

    text: str = Field(description="the whole text of city.toml", min_length=1, max_length=200_000)


class JobOut(Schema):
    """A computation."""

    id: UUID
    kind: str = Field(description="read or diagnose")
    subject: UUID = Field(description="the upload that it is about")
    state: str = Field(description="queued, running, done, failed or cancelled")
    said: str = Field(description="what it is doing")
    done: int
    steps: int
    place: int | None = Field(description="place in the queue, while it waits")
    error: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class JobPage(Schema):
    """Computations, newest first."""

    jobs: list[JobOut]
    matched: int
    next: str | None


class DiagnosisOut(Schema):
    """A finished diagnosis: what there is in it."""

    id: UUID
    dataset: UUID
    ended_at: datetime | None
    findings: int
    zones: int
    measures: list[str]
    dimensions: list[str]
    groups: list[str]
    dates: list[str]
    extent: list[float] | None = Field(description="west, south, east, north in degrees")


class FindingOut(Schema):
    """One measured number with its uncertainty, caveats, origin and words."""

    number: int
    measure: str
    dimension: str
    group: str
    versus: str
    scale: str
    scope: str
    date: str
    value: float | None = Field(description="null when it does not exist; undefined_reason says why")
    undefined_reason: str | None
    undefined_code: str | None
    expected: float | None = Field(description="what chance alone would give")
    maximum: float | None
    excess: float | None = Field(description="0 is as by chance, 1 the most possible")
    sd: float | None
    null_method: str
    interval: list[float] | None
    interval_method: str
    p: float | None
    n_people: float
    n_group: float
    n_zones: float
    caveats: list[str]
    explanation: str
    provenance: dict[str, Any]
    detail: dict[str, Any]


class FindingPage(Schema):
    """Some findings, in their order."""

    findings: list[FindingOut]
    matched: int
    next: str | None


class FileOut(Schema):
    """A file to download."""

    name: str
    media_type: str
    size: int
    url: str


class FilePage(Schema):
    """The files of a diagnosis."""

    files: list[FileOut]


class PublicationOut(Schema):
    """What a city has published."""

    id: str
    title: str
    published_at: datetime | None
    page: str
    collections: list[str]


class PublicationPage(Schema):
    """Everything published here."""

    publications: list[PublicationOut]

"""Operations on data: upload, correct, remove."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from ninja import File, Router, Status, UploadedFile

from isopolis.web.actions import ValidationError
from isopolis.web.datasets.actions import CorrectConfig, RemoveDataset, UploadFiles
from isopolis.web.datasets.models import Dataset

from . import schemas
from .door import needs
from .paging import Limit, Offset, next_page
from .problems import ProblemError
from .service import operation

__all__ = ["dataset_of", "router"]

router = Router()
BASE = "/workspaces/{slug:workspace}/datasets"


def dataset_of(request: HttpRequest, pk: UUID) -> Dataset:
    """Return an upload of the workspace."""
    found = Dataset.objects.filter(pk=pk, workspace=request.workspace).first()
    if found is None:
        raise Http404
    return found


@operation(router, "GET", BASE, "Uploads", schemas.DatasetPage)
@needs("read:data", "data.read")
def datasets(request: HttpRequest, workspace: str, limit: Limit = 20, offset: Offset = 0) -> Any:
    """List the uploads, newest first."""
    rows = Dataset.objects.filter(workspace=request.workspace).order_by("-created_at", "pk")
    matched = rows.count()
    return {
        "datasets": list(rows[offset : offset + limit]),
        "matched": matched,
        "next": next_page(request, limit, offset, matched),
    }


@operation(router, "POST", BASE, "Upload files", {201: schemas.DatasetOut})
@needs("write:data", "data.upload")
def upload(
    request: HttpRequest, workspace: str, response: HttpResponse, files: Annotated[list[UploadedFile], File()]
) -> Any:
    """Keep tables, outlines and city.toml, or one zip of them, and have them read."""
    made = UploadFiles(request.auth.user, request.workspace, files).run()
    response.headers["Location"] = request.build_absolute_uri(f"{request.path.rstrip('/')}/{made.pk}")
    return Status(201, made)


@operation(router, "GET", BASE + "/{uuid:dataset}", "One upload", schemas.DatasetOut)
@needs("read:data", "data.read")
def dataset(request: HttpRequest, workspace: str, dataset: UUID) -> Any:
    """Tell what was uploaded and what the reader said about it."""
    return dataset_of(request, dataset)


@operation(router, "PUT", BASE + "/{uuid:dataset}/config", "Correct how files are read", schemas.DatasetOut)
@needs("write:data", "data.correct")
def correct(request: HttpRequest, workspace: str, dataset: UUID, body: schemas.ConfigIn) -> Any:
    """Replace city.toml; the files are read again."""
    return CorrectConfig(request.auth.user, request.workspace, dataset_of(request, dataset), body.text).run()


@operation(router, "DELETE", BASE + "/{uuid:dataset}", "Remove an upload", {204: None})
@needs("write:data", "data.remove")
def remove(request: HttpRequest, workspace: str, dataset: UUID) -> Any:
    """Delete an upload and everything computed from it."""
    found = dataset_of(request, dataset)
    try:
        RemoveDataset(request.auth.user, request.workspace, found).run()
    except ValidationError as error:
        raise ProblemError(409, " ".join(error.messages)) from None
    return Status(204, None)

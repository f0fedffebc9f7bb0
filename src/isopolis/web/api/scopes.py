"""What a token may be good for. A scope opens a kind of door; the role of the token's owner still decides."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

__all__ = ["SCOPES"]

SCOPES = {
    "read:findings": _("Read findings, and follow computations"),
    "read:files": _("Download files of a diagnosis, and zones with their numbers"),
    "read:data": _("Read what was uploaded, and what the reader said about it"),
    "write:data": _("Upload, correct and remove data"),
    "write:worries": _("Hand worries in by Open311 GeoReport"),
    "run:diagnosis": _("Start and cancel diagnoses"),
    "read:members": _("Read who works in the workspace"),
    "read:audit": _("Read the log of changes"),
}

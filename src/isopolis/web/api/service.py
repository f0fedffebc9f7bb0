"""The interface as a whole: its operations, its document, its errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Router
from ninja.constants import NOT_SET
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as SchemaError

from isopolis import __version__

from .door import UNAUTHORIZED, Bearer
from .problems import MEDIA_TYPE, Problem, ProblemError, as_answer, rows_of

__all__ = ["Interface", "api", "operation", "public_api"]

ALWAYS = (400, 404, 405, 422, 429)
WITH_TOKEN = (401, 403)
WITH_BODY = (409, 413)
WHEN = {
    400: "A parameter is unknown or cannot be understood.",
    401: "No valid token was sent.",
    403: "The token lacks the scope, or its owner's role does not allow it.",
    404: "There is no such thing, or it belongs to a workspace of others.",
    405: "The method is not one of those listed here.",
    409: "It does not fit the present state.",
    413: "The request is larger than this server takes.",
    422: "Something in the request has to be mended; `problems` says what.",
    429: "Too many requests in this minute; `Retry-After` says when to go on.",
}


class Interface(NinjaAPI):
    """Operations whose errors all have one shape, in the document and in fact."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> Any:
        """Return the document, with what every operation has in common."""
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        schema["components"]["schemas"] |= _problem_schemas()
        for methods in schema["paths"].values():
            methods.pop("head", None)
            for method, said in methods.items():
                _complete(said, body=method in ("post", "put", "delete"))
        return schema


def _problem_schemas() -> dict[str, Any]:
    made = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = made.pop("$defs", {})
    return {"Problem": made} | inner


def _complete(said: dict[str, Any], *, body: bool) -> None:
    """Add what every operation may answer, its scope and its media type."""
    scope, media = said.pop("x-scope", None), said.pop("x-media-type", None)
    codes = [*ALWAYS, *(WITH_TOKEN if said.get("security") else ()), *(WITH_BODY if body else ())]
    if said.get("security"):
        said["security"] = [{"Bearer": [scope] if scope else []}]
    for answer in said["responses"].values():
        content = answer.get("content", {})
        if media and "application/json" in content:
            answer["content"] = dict.fromkeys(media, content["application/json"])
    for code in codes:
        said["responses"][code] = {
            "description": WHEN[code],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }


def operation(
    router: Router,
    method: str,
    path: str,
    summary: str,
    answers: Mapping[int, Any] | Any,
    *,
    media: tuple[str, ...] = (),
    public: bool = False,
    extra: Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add an operation; whoever may GET may also HEAD."""

    def add(view: Callable[..., Any]) -> Callable[..., Any]:
        more = dict(extra or {}) | {"x-scope": getattr(view, "scope", "")}
        if media:
            more["x-media-type"] = media
        methods = ["GET", "HEAD"] if method == "GET" else [method]
        made: Callable[..., Any] = router.api_operation(
            methods, path, summary=summary, response=answers, operation_id=view.__name__, openapi_extra=more,
            auth=None if public else NOT_SET,
        )(view)  # fmt: skip
        return made

    return add


def _interface(title: str, text: str, namespace: str, auth: Any) -> Interface:
    made = Interface(
        title=title, version=__version__, description=text, urls_namespace=namespace,
        openapi_url=None, docs_url=None, auth=auth,
        openapi_extra={"info": {"license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}}},
    )  # fmt: skip
    for kind, answer in _ERRORS.items():
        made.add_exception_handler(kind, answer)
    return made


def _known(request: HttpRequest, error: ProblemError) -> HttpResponse:
    return as_answer(error.status, error.detail, error.problems, error.headers)


def _denied(request: HttpRequest, error: Exception) -> HttpResponse:
    return as_answer(403, str(error) or _("Your role in this workspace does not allow it."))


def _missing(request: HttpRequest, error: Exception) -> HttpResponse:
    return as_answer(404, _("It does not exist, or it belongs to a workspace that the token does not reach."))


def _anonymous(request: HttpRequest, error: Exception) -> HttpResponse:
    detail = _("Send a token of your account in the header “Authorization: Bearer …”.")
    return as_answer(401, detail, headers={"WWW-Authenticate": UNAUTHORIZED})


def _unfit(request: HttpRequest, error: SchemaError) -> HttpResponse:
    return as_answer(422, _("Some values do not have their form."), rows_of(error.errors))


def _refused(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return as_answer(422, " ".join(error.messages), [{"message": m} for m in error.messages])


def _too_big(request: HttpRequest, error: Exception) -> HttpResponse:
    return as_answer(413, _("The request is larger than this server takes."))


def _garbled(request: HttpRequest, error: Exception) -> HttpResponse:
    return as_answer(400, _("The body of the request cannot be read. Check its type and its encoding."))


_ERRORS: dict[type[Exception], Any] = {
    ProblemError: _known, PermissionDenied: _denied, Http404: _missing, AuthenticationError: _anonymous,
    SchemaError: _unfit, ValidationError: _refused, RequestDataTooBig: _too_big,
    FileNotFoundError: _missing, SuspiciousOperation: _garbled, MultiPartParserError: _garbled,
    UnicodeDecodeError: _garbled,
    HttpError: _garbled,
}  # fmt: skip

api = _interface(
    "Isopolis",
    "Uploads, diagnoses and findings of a city's workspace. Every operation needs a token; make one on "
    "the page of your account. A token can never do more than its owner may do today.",
    "api",
    Bearer(),
)
public_api = _interface(
    "Isopolis: published features",
    "What cities have published, as OGC API Features. No token is needed.",
    "ogc",
    None,
)

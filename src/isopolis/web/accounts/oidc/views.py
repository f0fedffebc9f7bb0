"""The two addresses that OpenID Connect needs."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import (
    OAuth2CallbackView,
    OAuth2LoginView,
    RequestException,
)
from django.http import Http404, HttpRequest, HttpResponse

from .checks import StaffOAuth2Adapter

__all__ = ["callback", "login"]


def login(request: HttpRequest) -> HttpResponse:
    """Ask, then lead to the city's sign-in."""
    return _view(OAuth2LoginView, request)


def callback(request: HttpRequest) -> HttpResponse:
    """Take the answer."""
    return _view(OAuth2CallbackView, request)


def _view(kind: Any, request: HttpRequest) -> HttpResponse:
    adapter = StaffOAuth2Adapter(request)
    try:
        answer: HttpResponse = kind.adapter_view(adapter)(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except (OAuth2Error, RequestException) as error:  # its server is away, or says something else than before
        answer = render_authentication_error(request, adapter.get_provider(), exception=error)
    return answer


login.open_door = "sign-in"  # type: ignore[attr-defined]
callback.open_door = "sign-in"  # type: ignore[attr-defined]

"""The city's own sign-in as a provider of allauth: always with PKCE and a nonce."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.http import urlencode

from .checks import StaffOAuth2Adapter

__all__ = ["StaffProvider", "provider_classes"]


class StaffProvider(OpenIDConnectProvider):
    """The provider that the settings name."""

    id = "oidc"
    name = "OpenID Connect"
    oauth2_adapter_class = StaffOAuth2Adapter
    pkce_enabled_default = True
    supports_token_authentication = False

    def get_login_url(self, request: HttpRequest, **more: Any) -> str:
        """Address of our page that leads there."""
        return reverse("oidc_login") + (f"?{urlencode(more)}" if more else "")

    def get_callback_url(self) -> str:
        """Address to which it sends people back."""
        return reverse("oidc_callback")

    def get_oauth2_adapter(self, request: HttpRequest) -> StaffOAuth2Adapter:
        """Return what talks to it."""
        return StaffOAuth2Adapter(request)

    def get_auth_params_from_request(self, request: HttpRequest, action: Any) -> dict[str, Any]:
        """Take nothing from the address: whoever made a link decides no parameter."""
        return self.get_auth_params()

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """Ask for what we need and for nothing that a link adds."""
        return self.get_scope()

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Keep of the answer what the checks need, and nothing else about the person."""
        claims = data.get("id_token") or {}
        return {"id_token": {k: claims[k] for k in ("sub", "nonce") if k in claims}}

    def redirect(
        self, request: HttpRequest, process: Any, next_url: Any = None, data: Any = None, **more: Any
    ) -> HttpResponse:
        """Lead there with a nonce, which must come back in the ID token."""
        nonce = get_random_string(32)
        more["auth_params"] = self.get_auth_params() | {"nonce": nonce}
        return super().redirect(request, process, next_url, data, nonce=nonce, **more)


provider_classes = [StaffProvider]

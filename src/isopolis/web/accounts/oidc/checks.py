"""What an answer of the city's sign-in must be before anybody is let in by it.

The library alone trusts an ID token that came over the direct line to the token endpoint, and knows no
nonce. Here the signature is always checked, with keys of the issuer and with algorithms of public keys only.
"""

from __future__ import annotations

from typing import Any

from allauth.core.internal.deferred import jwt
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare

__all__ = ["ALGORITHMS", "StaffOAuth2Adapter", "check_nonce"]

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


class StaffOAuth2Adapter(OpenIDConnectOAuth2Adapter):
    """Talks to the city's sign-in and holds its answers against the standard."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, "oidc")

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the issuer says of itself; it must be the issuer that the settings name."""
        config: dict[str, Any] = super().openid_config
        named = self.get_provider().app.settings["server_url"].split("/.well-known/")[0].rstrip("/")
        if str(config.get("issuer", "")).rstrip("/") != named:
            raise OAuth2Error("the issuer calls itself something else than the settings do")
        return config

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """Address to which it sends people back, with the server's name."""
        return request.build_absolute_uri(reverse("oidc_callback"))

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **more: Any) -> Any:
        """Read who it is from a signed ID token; the user-info page may only add the address."""
        raw = more["response"].get("id_token")
        if not isinstance(raw, str):
            raise OAuth2Error("the answer has no ID token")
        claims = self._decode_id_token(app, raw)
        data = {"id_token": claims}
        if not claims.get("email"):
            said = self._fetch_user_info(token.token)
            if said.get("sub") != claims["sub"]:
                raise OAuth2Error("the user-info page tells of somebody else")
            data["userinfo"] = claims | {k: said[k] for k in ("email", "email_verified", "name") if k in said}
        return self.get_provider().sociallogin_from_response(request, data)

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(id_token)
        except jwt.PyJWTError as error:
            raise OAuth2Error("the ID token cannot be read") from error
        if header.get("alg") not in ALGORITHMS or not header.get("kid"):
            raise OAuth2Error("the ID token is not signed with a public key of the issuer")
        try:
            claims: dict[str, Any] = jwtkit.verify_and_decode(
                credential=id_token,
                keys_url=self.openid_config["jwks_uri"],
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_jwk,
                verify_signature=True,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise OAuth2Error("the ID token or the keys of the issuer cannot be read") from error
        if not claims.get("sub") or "exp" not in claims:
            raise OAuth2Error("the ID token says neither who it is nor how long")
        several = isinstance(claims.get("aud"), list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != app.client_id:
            raise OAuth2Error("the ID token was made for another client")
        return claims


def check_nonce(state: dict[str, Any], extra_data: dict[str, Any]) -> None:
    """Require that the ID token answers the very question that this browser asked."""
    asked = state.get("nonce") or ""
    answered = str((extra_data.get("id_token") or {}).get("nonce") or "")
    if not asked or not constant_time_compare(asked, answered):
        raise OAuth2Error("the ID token answers another question")

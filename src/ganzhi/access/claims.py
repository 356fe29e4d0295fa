"""What an identity provider says about somebody, checked: is the token genuine, meant for us, for this sign-in?

Every check that fails raises `ClaimError` with the reason, which is for the log only. Tokens that are not signed, or
by an algorithm with a shared secret, are not even looked at. Also who is what by the rules of `[access.oidc]`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ganzhi.access.rights import ROLES, RoleName
from ganzhi.base.settings import OidcSettings

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

LEEWAY_S: Final = 60
"""How far the provider's clock and ours may be apart."""

OLDEST_S: Final = 600
"""A token for a sign-in, or of a logout, is at most this old."""

LONGEST: Final = 65_536

LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"

Claims = Mapping[str, Any]


class ClaimError(Exception):
    """A token does not hold; the text says why, for the log."""


class UnknownKeyError(ClaimError):
    """None of the provider's keys that are known fits; it may have newer ones."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is by the rules. units: empty for the whole organisation."""

    role: RoleName
    units: tuple[str, ...]


def read_token(token: object, keys: KeySet, settings: OidcSettings, now: datetime) -> Claims:
    """The claims of a signed token of the provider for this client, at this time.

    Raises: ClaimError; UnknownKeyError when its key is not among `keys`.
    """
    from joserfc import jwt  # noqa: PLC0415 - an extra
    from joserfc.errors import InvalidKeyIdError, JoseError  # noqa: PLC0415 - an extra

    if not isinstance(token, str) or len(token) > LONGEST:
        raise ClaimError("no token, or a far too long one")
    try:
        claims = jwt.decode(token, keys, algorithms=list(settings.algorithms)).claims
    except InvalidKeyIdError as error:
        raise UnknownKeyError(str(error)) from None
    except (JoseError, ValueError, TypeError) as error:
        raise ClaimError(f"{type(error).__name__}: {error}") from None
    _check_audience(claims, settings)
    _check_times(claims, now.timestamp())
    return claims


def _check_audience(claims: Claims, settings: OidcSettings) -> None:
    if claims.get("iss") != settings.issuer:
        raise ClaimError("issued by another")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if settings.client_id not in audiences:
        raise ClaimError("meant for another client")
    presenter = claims.get("azp")
    if presenter not in (None, settings.client_id) or (len(audiences) > 1 and presenter is None):
        raise ClaimError("given to another client")


def _check_times(claims: Claims, now_s: float) -> None:
    issued, expires, valid_from = (_time(claims, name) for name in ("iat", "exp", "nbf"))
    if issued is None or (expires is None and "events" not in claims):
        raise ClaimError("without times")
    if expires is not None and expires <= now_s - LEEWAY_S:
        raise ClaimError("expired")
    if valid_from is not None and valid_from > now_s + LEEWAY_S:
        raise ClaimError("not valid yet")
    if not now_s - OLDEST_S - LEEWAY_S <= issued <= now_s + LEEWAY_S:
        raise ClaimError("issued at another time")


def _time(claims: Claims, name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ClaimError(f"{name} is not a time")
    return value


def check_sign_in(claims: Claims, nonce: str) -> str:
    """The subject of an ID token that answers this very sign-in."""
    if claims.get("nonce") != nonce:
        raise ClaimError("of another sign-in")
    if "events" in claims:
        raise ClaimError("not an ID token")
    return _subject(claims)


def check_logout(claims: Claims) -> tuple[str | None, str | None]:
    """Subject and provider's session that a logout token ends, one of them at least (OpenID back-channel logout 1.0)."""
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise ClaimError("not a logout token")
    if "nonce" in claims or not isinstance(claims.get("jti"), str):
        raise ClaimError("a logout token with a nonce, or without an id")
    subject = _subject(claims) if "sub" in claims else None
    session = session_of(claims)
    if subject is None and session is None:
        raise ClaimError("of nobody")
    return subject, session


def _subject(claims: Claims) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise ClaimError("without a subject")
    return subject


def session_of(claims: Claims) -> str | None:
    """The provider's session, if it names one."""
    found = claims.get("sid")
    return found if isinstance(found, str) and 0 < len(found) <= 255 and found.isprintable() else None


def standing_of(claims: Claims, settings: OidcSettings) -> Standing:
    """Role and units by the rules of the settings; ClaimError for somebody to whom none of them gives both."""
    values = _values(claims, settings.role_claim)
    given = next((role for value, role in settings.roles.items() if value in values), None)
    role = next((each for each in ROLES if each == given), None)
    if role is None:
        raise ClaimError("no rule gives a role")
    texts = [settings.default_units]
    if settings.unit_claim:
        texts = [settings.units[value] for value in _values(claims, settings.unit_claim) if value in settings.units]
    codes = list(dict.fromkeys(code for text in texts for code in text.split()))
    if not codes:
        raise ClaimError("no rule gives a unit")
    return Standing(role, () if "*" in codes else tuple(codes))


def _values(claims: Claims, path: str) -> Sequence[str]:
    """The texts of a claim; a dot in its name leads into it (`realm_access.roles`)."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    listed = found if isinstance(found, list) else [found]
    return [each for each in listed if isinstance(each, str)]

"""Second factors of accounts: begun, confirmed by a first code, asked for at each sign-in, reset by an administrator.

The secret is an HMAC of salt and login under a key from a file outside the store; without such a file, under
the store's own id, so that a copy of the store is then enough to make codes. A code is taken once. Only people
who sign in by password have one: whoever comes from an identity provider proves more there. Roles may be bound
to it by the settings: whoever has such a role and no factor yet can do nothing but set one up.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b32encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ganzhi.access.second.totp import DIGITS, address_of, secret_text, step_at, step_of
from ganzhi.access.secrets import hash_of
from ganzhi.base.errors import EngineError, InputError, Issue
from ganzhi.base.settings import AccessSettings
from ganzhi.store.accounts.acts import Act
from ganzhi.store.accounts.factors import Factor, FactorRows
from ganzhi.store.accounts.records import Account
from ganzhi.store.open import Store

CODES: Final = 10
ISSUER: Final = "ganzhi"
_CODE_BYTES: Final = 10
_SECRET_BYTES: Final = 20


@dataclass(frozen=True, slots=True)
class Begun:
    """A factor to be taken over by an app; shown once. secret: as it is typed in. address: for an app on this device."""

    secret: str = field(repr=False)
    address: str = field(repr=False)


class SecondFactor:
    """The second factors of a store."""

    def __init__(self, store: Store, settings: AccessSettings) -> None:
        self._clock = store.clock
        self._rows = FactorRows(store.database)
        self._store_id = store.id
        self._roles = frozenset(settings.second_factor_roles)
        self._key_file = settings.second_factor_key_file

    def of(self, login: str) -> Factor | None:
        """The factor that is asked for; None where none is confirmed."""
        found = self._rows.get(login)
        return found if found is not None and found.confirmed_at is not None else None

    def codes_left(self, login: str) -> int:
        """How many recovery codes are unused."""
        return self._rows.codes_left(login)

    def may(self, account: Account) -> bool:
        """Whether an account can have one: it signs in by a password."""
        return account.issuer is None

    def must(self, account: Account) -> bool:
        """Whether the settings bind an account's role to it."""
        return account.role in self._roles and self.may(account)

    def owed(self, account: Account) -> bool:
        """Whether an account must have a factor and has none."""
        return self.must(account) and self.of(account.login) is None

    def begin(self, account: Account) -> Begun:
        """Set up a factor, which counts from its first code on; an unconfirmed one before it is gone.

        Raises: InputError ACC029 for an account without a password, ACC028 where one is confirmed; EngineError ACC061
        when the key cannot be read.
        """
        if not self.may(account):
            raise InputError(Issue("ACC029", account.login))
        salt = secrets.token_hex(16)
        secret = self._secret(account.login, salt)
        if not self._rows.begin(account.login, salt, self._act(account.login, "factor.begin", account.login)):
            raise InputError(Issue("ACC028", account.login))
        return Begun(secret_text(secret), address_of(secret, account.login, ISSUER))

    def confirm(self, account: Account, code: str, *, keep: str) -> tuple[str, ...]:
        """The first code; the recovery codes, which are shown here only. Sessions but `keep` end.

        Raises: InputError ACC026 for a code that does not fit, ACC027 where none was begun.
        """
        seen = self._rows.get(account.login)
        if seen is None or seen.confirmed_at is not None:
            raise InputError(Issue("ACC027", account.login))
        step = self._step(seen, code)
        if step is None:
            raise InputError(Issue("ACC026", "code"))
        codes = _new_codes()
        act = self._act(account.login, "factor.confirm", account.login)
        if not self._rows.confirm(seen, step, [_hashed(each) for each in codes], act, keep=keep):
            raise InputError(Issue("ACC027", account.login))
        return codes

    def takes(self, seen: Factor, given: str) -> bool:
        """Whether a code of the app, or a recovery code, opens; it is spent then."""
        text = "".join(given.split()).replace("-", "")
        if len(text) == DIGITS and text.isascii() and text.isdigit():
            step = self._step(seen, text)
            return step is not None and self._rows.spend_step(seen, step)
        act = self._act(seen.login, "factor.recovery", seen.login)
        return bool(text) and self._rows.spend_code(seen.login, _hashed(text), act)

    def renew_codes(self, account: Account, code: str) -> tuple[str, ...]:
        """Other recovery codes, for a code of the app; InputError ACC026, ACC027."""
        self._checked(account, code)
        codes = _new_codes()
        act = self._act(account.login, "factor.codes", account.login)
        self._rows.renew_codes(account.login, [_hashed(each) for each in codes], act)
        return codes

    def give_up(self, account: Account, code: str) -> None:
        """Take one's own factor away, by a code; InputError ACC026, ACC027. All sessions end."""
        self._checked(account, code)
        self.reset(account.login, by=account.login)

    def reset(self, login: str, *, by: str) -> bool:
        """Take a factor away, whose phone is lost; False where there is none. All sessions end."""
        return self._rows.remove(login, self._act(by, "factor.reset", login))

    def _checked(self, account: Account, code: str) -> None:
        seen = self.of(account.login)
        if seen is None:
            raise InputError(Issue("ACC027", account.login))
        if not self.takes(seen, code):
            raise InputError(Issue("ACC026", "code"))

    def _step(self, seen: Factor, code: str) -> int | None:
        now = step_at(self._clock.now().timestamp())
        return step_of(self._secret(seen.login, seen.salt), "".join(code.split()), now)

    def _secret(self, login: str, salt: str) -> bytes:
        message = f"second factor|{login}|{salt}".encode()
        return hmac.new(self._key(), message, hashlib.sha256).digest()[:_SECRET_BYTES]

    def _key(self) -> bytes:
        if not self._key_file:
            return self._store_id.encode()
        try:
            key = Path(self._key_file).read_bytes().strip()
        except OSError as error:
            detail = error.strerror or type(error).__name__
            raise EngineError(Issue("ACC061", params={"detail": detail})) from None
        if len(key) < _SECRET_BYTES:
            raise EngineError(Issue("ACC061", params={"detail": f"{len(key)} < {_SECRET_BYTES} bytes"}))
        return key

    def _act(self, by: str, name: str, login: str) -> Act:
        return Act(by, self._clock.now(), name, login)


def _new_codes() -> tuple[str, ...]:
    texts = (b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower() for _ in range(CODES))
    return tuple("-".join(text[at : at + 4] for at in range(0, len(text), 4)) for text in texts)


def _hashed(code: str) -> str:
    return hash_of("".join(code.split()).replace("-", "").lower())

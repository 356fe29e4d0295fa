"""Passwords: which are accepted, how they are kept (argon2id) and compared.

Kept as RFC 9106 recommends for machines with little memory: 64 MiB, 3 passes, 4 lanes; at most
four are computed at once in a process, so that sign-ins cannot take its memory.
"""

from __future__ import annotations

import threading
import unicodedata
from functools import cached_property
from typing import Final

from argon2 import Parameters, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from ganzhi.access.obvious import PRODUCT, is_obvious
from ganzhi.base.errors import InputError, Issue

SHORTEST: Final = 12
LONGEST: Final = 1024
AT_ONCE: Final = 4

_SEATS: Final = threading.Semaphore(AT_ONCE)


def normal(password: str) -> str:
    """The form that is kept and compared: NFC, so that one password typed on two systems is one."""
    return unicodedata.normalize("NFC", password)


def objections(password: str, login: str) -> list[Issue]:
    """Everything against a new password: ACC030 (short), ACC031 (long), ACC032 (not text), ACC033 (login in it),
    ACC034 (product's name in it), ACC035 (obvious). No rule on kinds of characters, spaces are welcome."""
    text = normal(password)
    if any(unicodedata.category(each) in ("Cc", "Cs") for each in text):
        return [Issue("ACC032", "password")]
    if len(text) > LONGEST:
        return [Issue("ACC031", "password", params={"most": str(LONGEST)})]
    found: list[Issue] = []
    plain = text.casefold()
    if len(text) < SHORTEST:
        found.append(Issue("ACC030", "password", params={"least": str(SHORTEST)}))
    if len(login) > 2 and login.casefold() in plain:
        found.append(Issue("ACC033", "password"))
    if any(word in plain for word in PRODUCT):
        found.append(Issue("ACC034", "password"))
    if is_obvious(text):
        found.append(Issue("ACC035", "password"))
    return found


class Passwords:
    """Hashes and compares. parameters: how costly, for tests only another than the default."""

    def __init__(self, parameters: Parameters = RFC_9106_LOW_MEMORY) -> None:
        self._hasher = PasswordHasher.from_parameters(parameters)

    def hashed(self, password: str, login: str) -> str:
        """What to keep of a new password; InputError with every objection to it."""
        issues = objections(password, login)
        if issues:
            raise InputError(issues)
        return self._hash(normal(password))

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one kept; takes as long where none is kept, or nobody is there."""
        text = normal(password)
        usable = len(text) <= LONGEST and not any(unicodedata.category(each) == "Cs" for each in text)
        given = text if usable else "-"
        dummy = self._dummy  # always, so that the first sign-in of a process shows nothing either
        with _SEATS:
            try:
                self._hasher.verify(kept or dummy, given)
            except (VerificationError, InvalidHashError):
                return False
        return usable and kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether a kept password was hashed by other parameters than today's, and should be hashed again."""
        return self._hasher.check_needs_rehash(kept)

    def rehashed(self, password: str) -> str:
        """What to keep of a password that fitted just now; it was accepted once and is not judged again."""
        return self._hash(normal(password))

    @cached_property
    def _dummy(self) -> str:
        return self._hash("somebody who is not there")

    def _hash(self, text: str) -> str:
        with _SEATS:
            return self._hasher.hash(text)

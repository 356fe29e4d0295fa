"""Cursors: where the next page of a list begins, bound to the question, to who asks, and to the state of the list.

A cursor is signed with a key that this process made up when it started: it can be neither forged nor
carried over to another question, another reach or another start of the server. It carries a stamp of
the list it was cut from, so that pages put together are always one list of one state.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from ganzhi.base.errors import InputError, Issue

Item = TypeVar("Item")

_STAMP, _PLACE, _MAC = 16, 6, 16


def stamp_of(text: str) -> bytes:
    """What stands for a state of a list."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:_STAMP]


class ListChangedError(InputError):
    """The list is no longer the one that the first page was cut from; answered with 409."""

    def __init__(self) -> None:
        super().__init__(Issue("API009", "cursor"))


@dataclass(frozen=True, slots=True)
class Cut:
    """A page of a list: where it begins, and the cursor of the following one."""

    start: int
    next: str | None


class Cursors:
    """Gives and reads cursors."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)

    def give(self, question: str, place: int, stamp: bytes) -> str:
        """The cursor of the page that begins at a place."""
        told = stamp + place.to_bytes(_PLACE, "big")
        return base64.urlsafe_b64encode(told + self._mac(question, told)).decode().rstrip("=")

    def read(self, question: str, cursor: str | None, stamp: bytes) -> int:
        """Where the page begins.

        Raises: InputError API008 for a cursor that was not given for this question to this viewer,
        ListChangedError when the list has changed since.
        """
        if cursor is None:
            return 0
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise InputError(Issue("API008", "cursor")) from None
        told, mac = raw[: _STAMP + _PLACE], raw[_STAMP + _PLACE :]
        if not hmac.compare_digest(mac, self._mac(question, told)):
            raise InputError(Issue("API008", "cursor"))
        if told[:_STAMP] != stamp:
            raise ListChangedError
        return int.from_bytes(told[_STAMP:], "big")

    def cut(self, question: str, cursor: str | None, stamp: bytes, limit: int, total: int) -> Cut:
        """The page of a list of `total` items that a cursor asks for; errors as of `read`."""
        start = self.read(question, cursor, stamp)
        return Cut(start, self.give(question, start + limit, stamp) if start + limit < total else None)

    def page(
        self, question: str, cursor: str | None, stamp: bytes, limit: int, items: Sequence[Item]
    ) -> tuple[Sequence[Item], str | None]:
        """One page of items, and the cursor of the next; errors as of `read`."""
        cut = self.cut(question, cursor, stamp, limit, len(items))
        return items[cut.start : cut.start + limit], cut.next

    def _mac(self, question: str, told: bytes) -> bytes:
        signed = hashlib.sha256(question.encode("utf-8", "surrogatepass")).digest() + told
        return hmac.digest(self._key, signed, "sha256")[:_MAC]

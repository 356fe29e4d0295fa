"""One POST to an address of the settings: no redirect, no proxy, no more than 64 KiB of answer, and an end in time.

The name is resolved once and that connection used. The deadline holds for all of it: a server that sends a byte a
second is cut off like one that says nothing.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ganzhi.base.addresses import web_address
from ganzhi.notify.message import DeliveryError

MOST_ANSWER: Final = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """status and the first 64 KiB of the body."""

    status: int
    body: bytes


def post(url: str, body: bytes, headers: Mapping[str, str], *, deadline_s: float, plain_http: bool = False) -> Answer:
    """Post and read the answer; DeliveryError when there is none in time, or the address may not be written to."""
    parts = web_address(url, plain_http=plain_http)
    if parts is None or parts.hostname is None:
        raise DeliveryError("address refused")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connection(parts.scheme, parts.hostname, parts.port, deadline_s)
    held: list[socket.socket] = []  # the connection lets go of its socket when it reads the body
    try:
        with cut_off(lambda: connection.sock or (held[0] if held else None), deadline_s):
            connection.connect()
            held.append(connection.sock)
            connection.request("POST", path, body, {"User-Agent": "ganzhi", "Connection": "close", **headers})
            with connection.getresponse() as answer:
                return Answer(answer.status, answer.read(MOST_ANSWER))
    except TimeoutError:
        raise DeliveryError("timed out") from None
    except ssl.SSLError as error:
        raise DeliveryError(f"tls: {error.reason or 'failed'}"[:200]) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DeliveryError(type(error).__name__) from None
    finally:
        connection.close()


def accepted(answer: Answer) -> Answer:
    """The answer, when its status says that it was taken; DeliveryError otherwise, for redirects too."""
    if not 200 <= answer.status < 300:
        raise DeliveryError(f"http {answer.status}")
    return answer


def _connection(scheme: str, host: str, port: int | None, deadline_s: float) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=deadline_s, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=deadline_s)


@contextmanager
def cut_off(of: Callable[[], socket.socket | None], deadline_s: float) -> Iterator[None]:
    """Shut the socket of a connection when the deadline passes, whatever is going on on it; TimeoutError then."""
    passed = threading.Event()

    def cut() -> None:
        passed.set()
        _shut(of())

    timer = threading.Timer(deadline_s, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception:
        if passed.is_set():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
    if passed.is_set():
        raise TimeoutError


def _shut(sock: socket.socket | None) -> None:
    try:
        if sock is not None:
            sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def secret_of(path: str) -> str:
    """The secret in a file that only the service can read; empty for no file. DeliveryError when it cannot be read."""
    if not path:
        return ""
    try:
        found = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise DeliveryError("secret file cannot be read") from None
    if not found or not found.isascii() or not found.isprintable():
        raise DeliveryError("secret file is not one line")
    return found

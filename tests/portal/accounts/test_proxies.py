"""What a reverse proxy says about visitors is believed only where the settings name it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn
from pydantic import ValidationError

from ganzhi.base.settings import ServeSettings
from ganzhi.portal.site import server_config
from tests.portal.accounts.house import House

SAID = {"x-forwarded-proto": "https", "x-forwarded-for": "10.9.8.7", "host": "portal.corp"}


@contextmanager
def _served(house: House, settings: ServeSettings) -> Iterator[str]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(server_config(house.app, settings))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        until = time.monotonic() + 20
        while not server.started and time.monotonic() < until:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest.mark.parametrize(
    ("proxies", "believed"), [((), False), (("10.0.0.1",), False), (("127.0.0.1",), True), (("127.0.0.0/8",), True)]
)
def test_only_a_named_proxy_says_that_there_is_tls(house: House, proxies: tuple[str, ...], believed: bool) -> None:
    with _served(house, ServeSettings(proxies=proxies)) as base:
        answer = httpx.get(f"{base}/sign-in", headers=SAID)
    assert ("strict-transport-security" in answer.headers) == believed
    assert answer.headers["set-cookie"].startswith("__Host-entry=" if believed else "entry=")
    assert ("Secure" in answer.headers["set-cookie"]) == believed
    assert "server" not in answer.headers


def test_a_proxy_in_front_never_makes_everybody_the_local_user(build) -> None:  # type: ignore[no-untyped-def]
    house: House = build()
    for proxies in ((), ("127.0.0.1",)):
        with _served(house, ServeSettings(proxies=proxies)) as base:
            assert httpx.get(f"{base}/dictionary").status_code == 200
            for name in ("portal.corp", base.removeprefix("http://")):
                answer = httpx.get(f"{base}/dictionary", headers={**SAID, "host": name})
                assert answer.status_code == 303, (proxies, name)


def test_proxies_are_addresses_or_networks_also_in_the_environment() -> None:
    assert ServeSettings.model_validate({"proxies": "127.0.0.1 10.0.0.0/8"}).proxies == ("127.0.0.1", "10.0.0.0/8")
    for wrong in ("*", "proxy.corp", "300.1.1.1"):
        with pytest.raises(ValidationError):
            ServeSettings.model_validate({"proxies": wrong})

"""Codes as RFC 6238 and RFC 4226 print them."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzhi.access.second.totp import address_of, code_of, secret_text, step_at, step_of

RFC_SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    assert code_of(RFC_SECRET, step_at(seconds), digits=8) == code
    assert code_of(RFC_SECRET, step_at(seconds)) == code[-6:]


def test_counters_are_those_of_rfc_4226_appendix_d() -> None:
    expected = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
    assert [code_of(RFC_SECRET, count) for count in range(10)] == expected


@given(st.integers(2, 10**9), st.integers(-5, 5))
def test_a_code_is_taken_in_its_own_step_and_the_two_beside_it(now: int, off: int) -> None:
    code = code_of(RFC_SECRET, max(now + off, 0))
    found = step_of(RFC_SECRET, code, now)
    near = {step for step in range(now - 1, now + 2) if code_of(RFC_SECRET, step) == code}
    assert found == (max(near) if near else None)
    assert (found is not None) or abs(off) > 1


def test_an_app_can_take_the_secret_over() -> None:
    parts = urlsplit(address_of(RFC_SECRET, "li@example", "ganzhi"))
    given = parse_qs(parts.query)
    text = given["secret"][0]
    assert (parts.scheme, parts.netloc, unquote(parts.path)) == ("otpauth", "totp", "/ganzhi:li@example")
    assert base64.b32decode(text + "=" * (-len(text) % 8)) == RFC_SECRET
    assert text == secret_text(RFC_SECRET)

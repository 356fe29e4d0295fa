"""Ids sort by the time they were made; digests tell every split of the same text apart."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from ganzhi.base.errors import InternalError, Issue, Location
from ganzhi.base.ids import digest, is_code, new_id
from ganzhi.base.messages import LANGS, catalogue, placeholders, render, say


def test_ids_are_version_seven_and_do_not_repeat() -> None:
    made = [new_id() for _ in range(2000)]
    assert len(set(made)) == len(made)
    assert {uuid.UUID(each).version for each in made} == {7}
    assert [each[:13] for each in made] == sorted(each[:13] for each in made)


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_digests_are_equal_only_for_equal_parts(one: list[str], other: list[str]) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)


def test_codes_longer_than_64_or_with_foreign_letters_are_none() -> None:
    assert not is_code("a" * 65)
    assert not is_code("hotline.саlls")
    assert is_code("hotline.wait.p90_s")


def test_an_issue_reads_as_place_cause_and_remedy_in_both_languages() -> None:
    issue = Issue("REQ001", "period", Location("request", 3), {"value": "2026-13"})
    for lang in LANGS:
        text = render(lang, issue)
        assert text.startswith("REQ001 request:3 period\n")
        assert "2026-13" in text


def test_a_missing_message_or_placeholder_is_our_error() -> None:
    for key, params in (("no.such.key", {}), ("issue.REQ001.cause", {})):
        try:
            say("en", key, **params)
        except InternalError:
            continue
        raise AssertionError(key)


def test_both_languages_have_the_same_messages_with_the_same_placeholders() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    assert zh.keys() == en.keys()
    assert {key for key in zh if placeholders(zh[key]) != placeholders(en[key])} == set()

"""Which passwords are accepted, and that comparing them tells nothing."""

from __future__ import annotations

import statistics
import threading
import time

import pytest
from argon2 import PasswordHasher

from ganzhi.access import passwords as module
from ganzhi.access.obvious import WORDS, is_obvious
from ganzhi.access.passwords import AT_ONCE, Passwords, objections
from ganzhi.base.errors import InputError
from tests.access.conftest import CHEAP, GOOD, OTHER, codes

REFUSED = {
    "": ["ACC030", "ACC035"],
    "短密码": ["ACC030"],
    "elevenchars": ["ACC030"],
    "x" * 4096: ["ACC031"],
    "with a nul \x00 inside": ["ACC032"],
    "with a bell \x07 inside": ["ACC032"],
    "lone surrogate \ud800 here": ["ACC032"],
    "i am wang.min today": ["ACC033"],
    "I AM WANG.MIN TODAY": ["ACC033"],
    "ganzhi opens seven kettles": ["ACC034"],
    "感知七只水壶在响动着呢": ["ACC030", "ACC034"],
    "password2026": ["ACC035"],
    "P@ssw0rd-2026!": ["ACC035"],
    "4dm1n1str4t0r!!": ["ACC035"],
    "qwertyuiop12": ["ACC035"],
    "poiuytrewq98": ["ACC035"],
    "1qaz2wsx3edc": ["ACC035"],
    "q1w2e3r4t5y6": ["ACC035"],
    "aaaaaaaaaaaaaaaa": ["ACC035"],
    "abcabcabcabc": ["ACC035"],
    "            ": ["ACC035"],
    "19900101 19991231": ["ACC035"],
    "iloveyou1314520": ["ACC035"],
    "Zhongguo@2026": ["ACC035"],
    "Shanghai!2026#Summer": ["ACC035"],
    "woaiwojia888888": ["ACC035"],
    "中国移动客户服务密码2026年": ["ACC035"],
}
ACCEPTED = [
    GOOD,
    OTHER,
    "correct horse battery staple",
    "mTz4!fk2Lq9w",
    "x1" + "y2z" * 4 + "ωψ",
    "с новым чайником 7",
    "🦉🫖🪁🧭🪵🐟🧊🪡🧶🎐🪕🛶",
    "q" + "0" * 3 + "z7m-tulip" * 100,
]


@pytest.mark.parametrize("password", REFUSED, ids=lambda p: ascii(p[:24]))
def test_weak_passwords_are_refused_with_every_reason(password: str) -> None:
    assert [issue.code for issue in objections(password, "wang.min")] == REFUSED[password]


@pytest.mark.parametrize("password", ACCEPTED, ids=lambda p: ascii(p[:24]))
def test_good_passwords_are_accepted_whatever_characters_they_are_made_of(password: str) -> None:
    assert objections(password, "wang.min") == []
    assert CHEAP.fits(CHEAP.hashed(password, "wang.min"), password)


@pytest.mark.parametrize("word", sorted(word for word in WORDS if len(word) > 3)[::7])
def test_a_listed_word_with_a_year_and_a_sign_is_obvious(word: str) -> None:
    assert is_obvious(f"{word}2026!")
    assert is_obvious(f"{word.title()}@{word.upper()}")
    assert not is_obvious(f"{word}vluqz2026!")


def test_two_ways_of_typing_one_character_are_one_password() -> None:
    composed, apart = "caf\u00e9 in the old harbour", "cafe\u0301 in the old harbour"
    assert CHEAP.fits(CHEAP.hashed(composed, "ann"), apart)
    assert CHEAP.fits(CHEAP.hashed(apart, "ann"), composed)


def test_a_password_is_kept_as_argon2id_with_a_salt_of_its_own() -> None:
    one, two = (Passwords().hashed(GOOD, "ann") for _ in range(2))
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert one != two
    assert GOOD not in one


def test_what_is_not_a_password_fits_nothing() -> None:
    kept = CHEAP.hashed(GOOD, "ann")
    for given in ("", "-", GOOD[:-1], GOOD + "\x00", "a" * 5000, "\ud800", kept):
        assert not CHEAP.fits(kept, given)
        assert not CHEAP.fits(None, given)
    assert not CHEAP.fits("not a hash", GOOD)
    assert not CHEAP.fits("", "")
    assert codes(lambda: CHEAP.hashed("kettles", "ann")) == ["ACC030"]


def test_a_hash_by_other_parameters_is_noticed() -> None:
    kept = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(GOOD)
    assert CHEAP.fits(kept, GOOD)
    assert CHEAP.outdated(kept)
    assert not CHEAP.outdated(CHEAP.rehashed(GOOD))


def test_somebody_who_is_not_there_takes_as_long_as_a_wrong_password() -> None:
    slow = Passwords()
    kept = slow.hashed(GOOD, "ann")

    def median(hashed: str | None) -> float:
        times = []
        for _ in range(5):
            began = time.thread_time()
            slow.fits(hashed, "something quite different")
            times.append(time.thread_time() - began)
        return statistics.median(times)

    known, unknown = median(kept), median(None)
    assert 0.5 < known / unknown < 2


def test_no_more_than_four_are_computed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, guard = 0, 0, threading.Lock()

    class Hasher:
        def verify(self, *_: object) -> bool:
            nonlocal running, most
            with guard:
                running += 1
                most = max(most, running)
            time.sleep(0.02)
            with guard:
                running -= 1
            return True

        def hash(self, _: str) -> str:
            return "x"

    crowded = Passwords()
    monkeypatch.setattr(crowded, "_hasher", Hasher())
    threads = [threading.Thread(target=crowded.fits, args=("kept", "given")) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == AT_ONCE == module._SEATS._value


def test_an_objection_says_nothing_of_the_password() -> None:
    with pytest.raises(InputError) as caught:
        CHEAP.hashed("kettle", "ann")
    assert "kettle" not in str(caught.value)
    assert not any("kettle" in str(issue) for issue in caught.value.issues)

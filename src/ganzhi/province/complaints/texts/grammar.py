"""A small grammar of sentences: `[a|b|c]` is one of these (may be nested, may be empty), `{name}` a slot.

A template is parsed once and spoken many times. Dice are drawn from a stream in bulk, so that a text costs
microseconds. Slips of the keyboard are made here too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

BULK: Final = 8_192
"""Random numbers drawn at once."""


class Dice:
    """Random numbers from a stream, many drawn at once."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._left: list[float] = []

    def real(self) -> float:
        """A number from 0 to below 1."""
        if not self._left:
            self._left = self._rng.random(BULK).tolist()
        return self._left.pop()

    def below(self, n: int) -> int:
        """A whole number from 0 to below `n`."""
        return int(self.real() * n)

    def one(self, words: tuple[str, ...]) -> str:
        """One of the words."""
        return words[int(self.real() * len(words))]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place filled when the sentence is spoken."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these sequences."""

    options: tuple[Sequence, ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts, one after the other."""

    parts: tuple[str | Slot | Choice, ...]


Filler = Callable[[Dice], str]
"""What fills a slot."""


def parsed(template: str) -> Sequence:
    """The template's tree.

    >>> parsed("a[b|]").parts[0]
    'a'
    """
    sequence, end = _sequence(template, 0)
    if end != len(template):
        msg = f"unbalanced template: {template}"
        raise ValueError(msg)
    return sequence


def _sequence(text: str, start: int) -> tuple[Sequence, int]:
    parts: list[str | Slot | Choice] = []
    at = plain = start
    while at < len(text) and text[at] not in "|]":
        if text[at] not in "[{":
            at += 1
            continue
        if at > plain:
            parts.append(text[plain:at])
        if text[at] == "{":
            end = text.index("}", at)
            parts.append(Slot(text[at + 1 : end]))
            at = end + 1
        else:
            options: list[Sequence] = []
            while text[at] != "]":
                option, at = _sequence(text, at + 1)
                options.append(option)
            parts.append(Choice(tuple(options)))
            at += 1
        plain = at
    if at > plain:
        parts.append(text[plain:at])
    return Sequence(tuple(parts)), at


def spoken(sequence: Sequence, dice: Dice, fillers: Mapping[str, Filler]) -> str:
    """One sentence of the template."""
    out: list[str] = []
    _speak(sequence, dice, fillers, out)
    return "".join(out)


def _speak(sequence: Sequence, dice: Dice, fillers: Mapping[str, Filler], out: list[str]) -> None:
    for part in sequence.parts:
        if isinstance(part, str):
            out.append(part)
        elif isinstance(part, Slot):
            out.append(fillers[part.name](dice))
        else:
            _speak(part.options[dice.below(len(part.options))], dice, fillers, out)


def slots_of(sequence: Sequence) -> set[str]:
    """Names of all slots in the template."""
    found: set[str] = set()
    for part in sequence.parts:
        if isinstance(part, Slot):
            found.add(part.name)
        elif isinstance(part, Choice):
            for option in part.options:
                found |= slots_of(option)
    return found


HOMOPHONES: Final[tuple[tuple[str, str], ...]] = (
    ("账", "帐"), ("订", "定"), ("的", "得"), ("再", "在"), ("已", "以"), ("话费", "花费"), ("短信", "断信"),
    ("流量", "留量"), ("停机", "听机"), ("套餐", "套参"), ("营业", "盈业"), ("投诉", "投数"), ("宽带", "宽代"),
    ("扣", "抠"), ("信号", "讯号"), ("缴", "交"), ("客服", "克服"), ("查询", "查寻"), ("办理", "办里"),
    ("充值", "冲值"), ("充了", "冲了"), ("反映", "反应"), ("网络", "网洛"), ("优惠", "忧惠"), ("答复", "答负"),
    ("取消", "取销"), ("退订", "退定"), ("彩铃", "采铃"), ("发票", "发漂"), ("态度", "太度"), ("余额", "余鹅"),
)  # fmt: skip
"""What hurried typists take for each other."""


def mistyped(text: str, dice: Dice, rate: float) -> str:
    """The text with slips: homophones, a missing or doubled character, missing punctuation, each with chance `rate`."""
    if dice.real() < 2 * rate:
        right, wrong = HOMOPHONES[dice.below(len(HOMOPHONES))]
        text = text.replace(right, wrong)
    if dice.real() < rate:
        at = dice.below(len(text))
        text = text[:at] + text[at + 1 :]
    if dice.real() < rate / 2:
        at = dice.below(len(text))
        text = text[:at] + text[at : at + 1] + text[at:]
    if dice.real() < rate:
        text = text.replace("，", " ").replace("。", " ").strip()
    return text

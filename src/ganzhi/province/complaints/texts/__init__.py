"""The Chinese texts of complaints and enquiries: a grammar of what is said, with known categories and topics.

The label is the truth; the text is only a likely way to say it. Several thousand frames come from opening ×
circumstances × matter × aside × history × demand × ending; slips, dialect and other matters in passing keep any one
word from giving the category away. All ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np

from ganzhi.province.complaints.texts import grammar
from ganzhi.province.complaints.texts.colour import (
    ASIDES,
    BACKGROUND,
    CLOSING,
    DEMAND,
    ENQUIRIES,
    HISTORY,
    OWN_WORDS,
    RECORDED,
    fillers,
)
from ganzhi.province.complaints.texts.grammar import Dice, Filler, mistyped, parsed, spoken
from ganzhi.province.complaints.texts.topics_more import TOPICS
from ganzhi.province.streams import Bools, Ints

SLIP: Final = 0.12
"""Chance of each kind of slip in a text."""
PRODUCT_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "messaging": ("短信包", "手机报", "彩信包"), "mobile_reading": ("手机阅读", "阅读包", "看书业务"),
    "mobile_video": ("手机视频", "视频包", "手机电视"), "mobile_payment": ("手机支付", "手机钱包"),
    "info_12580": ("12580", "12580生活播报"), "lbs": ("定位业务", "导航"), "wlan": ("WLAN", "无线上网"),
    "mobile_internet": ("流量包", "上网套餐", "数据业务"), "home_broadband": ("宽带", "家里的宽带"),
    "voice": ("语音套餐", "通话包", "长途包"), "family_network": ("亲情网", "家庭网"),
    "virtual_network": ("虚拟网", "集团短号"), "ring_back_tone": ("彩铃", "铃音盒"),
    "international_roaming": ("国际漫游", "漫游"),
}  # fmt: skip
"""How people call products."""
_ANY_PRODUCT: Final = tuple(word for words in PRODUCT_WORDS.values() for word in words)
TOWNS: Final = ("城东", "火车站", "开发区", "老街", "大学城", "汽车站", "工业园", "河西", "新城", "人民路", "菜场")
"""Places within a county, invented."""


@cache
def _trees(templates: tuple[str, ...]) -> tuple[grammar.Sequence, ...]:
    return tuple(parsed(template) for template in templates)


def _say(templates: tuple[str, ...], dice: Dice, fill: dict[str, Filler]) -> str:
    trees = _trees(templates)
    return spoken(trees[dice.below(len(trees))], dice, fill)


OF_CATEGORY: Final = {
    category: np.flatnonzero([topic.category == category for topic in TOPICS])
    for category in sorted({topic.category for topic in TOPICS})
}
"""Positions of each category's topics."""


def topics_of(rng: np.random.Generator, categories: Sequence[str]) -> Ints:
    """A topic of each category, all of a category alike."""
    own = [OF_CATEGORY[category] for category in categories]
    place = (rng.random(len(own)) * [len(each) for each in own]).astype(np.int64)
    return np.fromiter((each[at] for each, at in zip(own, place, strict=True)), dtype=np.int64, count=len(own))


def texts(
    rng: np.random.Generator, topics: Ints, *, places: Sequence[str] | None = None,
    products: Sequence[str | None] | None = None, again: Bools | None = None,
) -> list[str]:  # fmt: skip
    """One text for each complaint.

    topics: positions in `TOPICS`. places: names of counties. products: product codes. again: not the first complaint.
    """
    dice = Dice(rng)
    fill = fillers()
    out = []
    for n, topic in enumerate(topics.tolist()):
        fill["地"] = _place(places[n] if places is not None else None)
        fill["品"] = _product(products[n] if products is not None else None)
        repeated = bool(again[n]) if again is not None else dice.real() < 0.04
        out.append(mistyped(_complaint(TOPICS[topic].phrases, dice, fill, repeated=repeated), dice, SLIP))
    return out


def _place(county: str | None) -> Filler:
    def filled(dice: Dice) -> str:
        town = dice.one(TOWNS)
        return county if county and dice.real() < 0.3 else (county or "") + town if dice.real() < 0.4 else town

    return filled


def _product(code: str | None) -> Filler:
    known = PRODUCT_WORDS.get(code or "", _ANY_PRODUCT)
    return lambda dice: dice.one(known)


def _complaint(phrases: tuple[str, ...], dice: Dice, fill: dict[str, Filler], *, repeated: bool) -> str:
    said = [_say(RECORDED if dice.real() < 0.45 else OWN_WORDS, dice, fill)]
    if dice.real() < 0.45:
        said.append(_say(BACKGROUND, dice, fill))
    if repeated:
        said.append(_say(HISTORY, dice, fill))
    aside = dice.real()
    if aside < 0.25:
        said.append(_say(ASIDES, dice, fill) + "，")
    said.append(_say(phrases, dice, fill))
    if dice.real() < 0.3:
        said.append("，" + _say(phrases, dice, fill))
    if 0.2 < aside < 0.55:
        said.append("，" + _say(ASIDES, dice, fill))
    demand = _say(DEMAND, dice, fill)
    if demand:
        said.append(("，", "。", "；")[dice.below(3)] + demand)
    said.append(_say(CLOSING, dice, fill))
    return "".join(said)


def enquiry_texts(
    rng: np.random.Generator, businesses: Sequence[str], *, places: Sequence[str] | None = None
) -> list[str]:
    """One text for each enquiry about a business of the code list `businesses`."""
    dice = Dice(rng)
    fill = fillers()
    fill["品"] = _product(None)
    out = []
    for n, business in enumerate(businesses):
        fill["地"] = _place(places[n] if places is not None else None)
        opening = _say(RECORDED if dice.real() < 0.5 else OWN_WORDS, dice, fill)
        background = _say(BACKGROUND, dice, fill) if dice.real() < 0.3 else ""
        aside = "，" + _say(ASIDES, dice, fill) if dice.real() < 0.2 else ""
        text = opening + background + _say(ENQUIRIES[business], dice, fill) + aside + _say(CLOSING, dice, fill)
        out.append(mistyped(text, dice, SLIP))
    return out

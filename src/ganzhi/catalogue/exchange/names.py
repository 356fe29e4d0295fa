"""When two names mean the same indicator: normalised spelling, then likeness of character bigrams.

Likeness is Dice's coefficient over bigrams: twice the common ones by all of both (Dice 1945). From
`SAME` on a name is taken for a duplicate, from `LIKE` on somebody has to look; below it is new. Names
that differ by a word of opposite meaning (success, failure; before, after) are never taken for the
same by likeness alone. Both limits are ours, from a list made by hand (tests/catalogue/exchange).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Final

SAME: Final = 0.85
LIKE: Final = 0.6

_IN_BRACKETS = re.compile(r"[(\[{<【〔《][^()\[\]{}<>【】〔〕《》]{0,12}[)\]}>】〕》]")
_UNIT = re.compile(
    r"%|‰|百分比|百分率|万分之?|per ?cent|percentage|per ?10 ?000|秒钟?|分钟?|小时|天|日|元|次|笔|件|个|人次|户"
    r"|s|sec|seconds?|min|minutes?|h|hours?|days?|ms|yuan|mb|mbps"
)
_TRAILING_UNIT = re.compile(r"[\s_\-/:]+(" + _UNIT.pattern + r")$")
_PARTICLES = re.compile(r"[的之和]|\b(the|of|a|an|for|in|on|at|and|to|by)\b")
_PER_10K = re.compile(r"每万(客户|用户|户)|万(客户|用户|户)")
_OPPOSITES: Final = (
    ("成功", "失败"), ("未", ""), ("不", ""), ("非", ""), ("前", "后"), ("最大", "最小"), ("最高", "最低"), ("首", "末"),
    ("呼入", "呼出"), ("上行", "下行"), ("人工", "自动"), ("有效", "无效"), ("开通", "关闭"), ("开始", "结束"), ("及时", "超时"),
    ("success", "failure"), ("before", "after"), ("maximum", "minimum"), ("inbound", "outbound"), ("first", "last"),
    ("un", ""), ("in time", "late"), ("numerator", "denominator"),
    ("量", "率"), ("数", "率"), ("时长", "次数"), ("量", "时长"), ("count", "ratio"), ("number", "rate"), ("满意", "投诉"),
)  # fmt: skip


def normal_name(text: str) -> str:
    """The name without width, case, punctuation, units and particles.

    >>> normal_name("１０００８６ 人工 的 接通率（%）"), normal_name("Rate of calls answered (%)")
    ('100086人工接通率', 'ratecallsanswered')
    """
    found = unicodedata.normalize("NFKC", text).casefold().strip()
    found = _IN_BRACKETS.sub(lambda m: "" if _is_unit(m[0][1:-1]) else m[0], found)
    found = _TRAILING_UNIT.sub("", found)
    found = _PER_10K.sub("万户", found)
    found = _PARTICLES.sub("", found)
    return "".join(char for char in found if unicodedata.category(char)[0] in "LN")


def _is_unit(text: str) -> bool:
    inside = text.removeprefix("单位").removeprefix("unit").strip(" :：/")
    return not inside or all(_UNIT.fullmatch(each.strip()) for each in re.split(r"[/／]", inside))


def bigrams(text: str) -> Counter[str]:
    """The pairs of neighbouring characters, each as often as it stands; a single character by itself."""
    return Counter([text] if len(text) == 1 else [text[n : n + 2] for n in range(len(text) - 1)])


def likeness(one: str, other: str) -> float:
    """Dice's coefficient of two normalised names, 0 to 1.

    >>> likeness("接通率", "接通率"), round(likeness("人工接通率", "接通率"), 2), likeness("接通率", "投诉量")
    (1.0, 0.67, 0.0)
    """
    left, right = bigrams(one), bigrams(other)
    both = left.total() + right.total()
    return 2 * (left & right).total() / both if both else 0.0


def opposed(one: str, other: str) -> bool:
    """Whether one name has a word whose opposite, or absence, sets the other apart.

    >>> opposed("呼叫成功率", "呼叫失败率"), opposed("未接通率", "接通率"), opposed("接通率", "人工接通率")
    (True, True, False)
    """
    for word, counter in _OPPOSITES:
        for left, right in ((one, other), (other, one)):
            if word in left and word not in right and (not counter or (counter in right and counter not in left)):
                return True
    return False


class Known:
    """Names that are looked through for one like another; an index of bigrams keeps that quick."""

    def __init__(self, names: Iterable[tuple[str, str]] = ()) -> None:
        self._exact: dict[str, str] = {}
        self._grams: dict[str, set[str]] = {}
        for code, name in names:
            self.add(code, name)

    def add(self, code: str, name: str) -> None:
        """Remember a name of an indicator; one indicator may have several."""
        normal = normal_name(name)
        if normal and normal not in self._exact:
            self._exact[normal] = code
            for gram in bigrams(normal):
                self._grams.setdefault(gram, set()).add(normal)

    def same(self, name: str) -> str | None:
        """The indicator whose normalised name is the same."""
        return self._exact.get(normal_name(name))

    def nearest(self, name: str) -> tuple[str, str, float] | None:
        """The indicator with the most alike name, that name normalised, and the likeness; None when none shares a bigram."""
        normal = normal_name(name)
        shared = Counter(other for gram in bigrams(normal) for other in self._grams.get(gram, ()))
        scored = [(likeness(normal, other), other) for other, _ in shared.most_common(50)]
        if not scored:
            return None
        score, other = max(scored, key=lambda each: (each[0], each[1]))
        return self._exact[other], other, score

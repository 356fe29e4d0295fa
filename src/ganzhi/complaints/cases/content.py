"""What a case and a manual say, as values; how they are kept; and what is refused.

A case is a typical complaint with its cause, its fix and the agreed wording (S003-032, S003-033). A manual holds the
steps with which the front line deals with complaints of a category during the call (S003-031). Neither holds a number
of a customer: text that looks like one is refused, in forms and in files.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final, Literal, get_args

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.recognise.text import masked

OriginKind = Literal["complaint", "finding", "action", "effect", "import", "experience"]
ORIGINS: tuple[OriginKind, ...] = get_args(OriginKind)
LONGEST_TITLE: Final = 120
LONGEST_TEXT: Final = 4_000
LONGEST_NAME: Final = 120
LONGEST_LINK: Final = 500
MOST_LINKS: Final = 20
MOST_STEPS: Final = 40


@dataclass(frozen=True, slots=True)
class Origin:
    """What a case came from. reference: its id; empty for experience."""

    kind: OriginKind = "experience"
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A document that belongs to it (S000-106). target: an address of the web, or of a page here."""

    title: str
    target: str


@dataclass(frozen=True, slots=True)
class CaseContent:
    """A case. wording: what is said to customers, agreed and valid from one day to another, both included; None: until
    further notice. owner: who keeps it; review_on: when they look at it again. shared: may go to other platforms."""

    title: str
    symptom: str
    cause: str
    fix: str
    wording: str
    category: str
    product: str
    owner: str
    review_on: date
    valid_from: date
    valid_to: date | None = None
    shared: bool = False
    origin: Origin = Origin()
    links: tuple[Link, ...] = ()

    def valid(self, on: date) -> bool:
        """Whether it may be used on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a manual. do: what is checked or done; say: what is said to the customer, may be empty."""

    do: str
    say: str = ""


@dataclass(frozen=True, slots=True)
class ManualContent:
    """The manual of a category. hand_over: to whom the complaint goes when the steps do not settle it."""

    category: str
    steps: tuple[Step, ...]
    hand_over: str
    owner: str
    review_on: date
    valid_from: date
    valid_to: date | None = None
    links: tuple[Link, ...] = ()

    def valid(self, on: date) -> bool:
        """Whether it may be used on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


Content = CaseContent | ManualContent
CASE_TEXTS: Final = ("title", "symptom", "cause", "fix", "wording")
NEEDED: Final = ("symptom", "cause", "fix", "wording")


def to_json(content: Content) -> dict[str, Any]:
    """The content as the store keeps it and files give it away."""
    return {name: _plain(value) for name, value in asdict(content).items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value


def case_of(kept: Mapping[str, Any]) -> CaseContent:
    """A case from what `to_json` wrote."""
    return CaseContent(
        **{name: kept[name] for name in ("title", "symptom", "cause", "fix", "wording", "category", "product")},
        **_life(kept),
        shared=kept["shared"],
        origin=Origin(**kept["origin"]),
    )


def manual_of(kept: Mapping[str, Any]) -> ManualContent:
    """A manual from what `to_json` wrote."""
    steps = tuple(Step(**each) for each in kept["steps"])
    return ManualContent(kept["category"], steps, kept["hand_over"], **_life(kept))


def _life(kept: Mapping[str, Any]) -> dict[str, Any]:
    last = kept["valid_to"]
    return {
        "owner": kept["owner"],
        "review_on": date.fromisoformat(kept["review_on"]),
        "valid_from": date.fromisoformat(kept["valid_from"]),
        "valid_to": None if last is None else date.fromisoformat(last),
        "links": tuple(Link(**each) for each in kept["links"]),
    }


def categories(catalogue: Catalogue, on: date) -> dict[str, str]:
    """The categories that complaints can have on a day, with the domain each belongs to."""
    return {
        code: domain
        for domain, entry in catalogue.problem_domains.items()
        for code, category in entry.categories.items()
        if (category.valid_from is None or category.valid_from <= on)
        and (category.valid_to is None or on <= category.valid_to)
    }


def check(catalogue: Catalogue, content: Content, today: date) -> None:
    """Refuse what may not be kept, everything at once: InputError CAS001, CAS012 to CAS018."""
    issues = list(_case_issues(content) if isinstance(content, CaseContent) else _manual_issues(content))
    known = categories(catalogue, today)
    if content.category not in known:
        issues.append(Issue("CAS014", "category", params={"value": content.category[:60] or "–"}))
    if isinstance(content, CaseContent) and content.product and content.product not in catalogue.products:
        issues.append(Issue("CAS015", "product", params={"value": content.product[:60]}))
    issues += _life_issues(content)
    if issues:
        raise InputError(issues)


def _case_issues(content: CaseContent) -> Iterator[Issue]:
    yield from _bounded("title", content.title, LONGEST_TITLE)
    for name in NEEDED:
        yield from _bounded(name, getattr(content, name), LONGEST_TEXT)
    if content.origin.kind not in ORIGINS:
        yield Issue("CAS017", "origin", params={"value": content.origin.kind[:40], "known": ", ".join(ORIGINS)})
    if content.origin.kind not in ("experience", "import") and not content.origin.reference.strip():
        yield Issue("CAS001", "origin")
    if len(content.origin.reference) > LONGEST_NAME:
        yield Issue("CAS012", "origin", params={"most": str(LONGEST_NAME)})


def _manual_issues(content: ManualContent) -> Iterator[Issue]:
    if not content.steps:
        yield Issue("CAS001", "steps")
    if len(content.steps) > MOST_STEPS:
        yield Issue("CAS012", "steps", params={"most": str(MOST_STEPS)})
    for number, step in enumerate(content.steps, start=1):
        yield from _bounded(f"steps {number}", step.do, LONGEST_TEXT)
        yield from _bounded(f"say {number}", step.say, LONGEST_TEXT, needed=False)
    yield from _bounded("hand_over", content.hand_over, LONGEST_TEXT, needed=False)


def _life_issues(content: Content) -> Iterator[Issue]:
    yield from _bounded("owner", content.owner, LONGEST_NAME)
    if content.valid_to is not None and content.valid_to < content.valid_from:
        told = {"first": content.valid_from.isoformat(), "last": content.valid_to.isoformat()}
        yield Issue("CAS016", "valid_to", params=told)
    if len(content.links) > MOST_LINKS:
        yield Issue("CAS012", "links", params={"most": str(MOST_LINKS)})
    for link in content.links:
        if not is_address(link.target) or not link.title.strip() or len(link.title) > LONGEST_TITLE:
            yield Issue("CAS018", "links", params={"value": masked(link.target)[:80] or "–"})


def is_address(target: str) -> bool:
    """Whether a link may be followed: a page here, or one of the web; nothing that a browser would run."""
    if len(target) > LONGEST_LINK or not target.isprintable() or any(each in target for each in " \\\"'<>"):
        return False
    return (target.startswith("/") and not target.startswith("//")) or target.startswith(("https://", "http://"))


def _bounded(name: str, text: str, most: int, *, needed: bool = True) -> Iterator[Issue]:
    if needed and not text.strip():
        yield Issue("CAS001", name)
    if len(text) > most:
        yield Issue("CAS012", name, params={"most": str(most)})
    if names_somebody(text):
        yield Issue("CAS013", name)


def names_somebody(text: str) -> bool:
    """Whether a text holds what looks like a number, a document or an address of a customer.

    >>> names_somebody("拨打10086"), names_somebody("客户13812345521来电")
    (False, True)
    """
    plain = unicodedata.normalize("NFKC", text)
    return masked(plain) != plain


def tidy_lines(text: str) -> str:
    """A text as it is kept: lines ending alike, no control characters, no blanks around it."""
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in kept if char == "\n" or char.isprintable()).strip()


def changed(old: Content, new: Content) -> tuple[str, ...]:
    """The fields in which two contents differ, in the order of a form."""
    before, after = to_json(old), to_json(new)
    return tuple(name for name in after if before.get(name) != after[name])


Read = Callable[[Mapping[str, Any]], Content]
READERS: Final[Mapping[str, Read]] = {"case": case_of, "manual": manual_of}


def searched(content: CaseContent, names: Sequence[str] = CASE_TEXTS) -> str:
    """What a search looks into."""
    return "\n".join(getattr(content, name) for name in names)

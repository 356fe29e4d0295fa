"""Displayed text: message files `messages/<room>.<lang>.toml`, one key per sentence.

Keys are dotted (`issue.CAT014.cause`); placeholders are `{name}` and nothing else. A key that is
missing in a language is an error of ours and fails the tests, not something to fall back on.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from ganzhi.base.errors import InternalError, Issue

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = get_args(Lang)

_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


def _flatten(prefix: str, node: dict[str, Any], into: dict[str, str]) -> None:
    for key, value in node.items():
        path = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict):
            _flatten(path, value, into)
        else:
            if path in into:
                raise InternalError(f"message {path} stands in two files")
            into[path] = str(value)


@cache
def catalogue(lang: Lang) -> dict[str, str]:
    """All messages of a language, key to text."""
    found: dict[str, str] = {}
    for entry in sorted(files("ganzhi.base").joinpath("messages").iterdir(), key=lambda e: e.name):
        if entry.name.endswith(f".{lang}.toml"):
            _flatten("", tomllib.loads(entry.read_text(encoding="utf-8")), found)
    return found


def placeholders(text: str) -> frozenset[str]:
    """The placeholder names in a message text."""
    return frozenset(_PLACEHOLDER.findall(text))


def say(lang: Lang, key: str, /, **params: object) -> str:
    """The message `key` in `lang` with its placeholders filled.

    Raises: InternalError when the key or one of its placeholders is missing.
    """
    try:
        text = catalogue(lang)[key]
    except KeyError:
        raise InternalError(f"no message {key} in {lang}") from None

    if "{" not in text:
        return text

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in params:
            raise InternalError(f"message {key} needs {name}")
        return str(params[name])

    return _PLACEHOLDER.sub(fill, text)


def cause(lang: Lang, issue: Issue) -> str:
    """Why it is an issue, in one sentence."""
    return say(lang, f"issue.{issue.code}.cause", subject=issue.subject, **issue.params)


def remedy(lang: Lang, issue: Issue) -> str:
    """What to do about it, in one sentence."""
    return say(lang, f"issue.{issue.code}.remedy", subject=issue.subject, **issue.params)


def render(lang: Lang, issue: Issue) -> str:
    """An issue as two lines of text: code, place and subject; cause and remedy."""
    head = " ".join(part for part in (issue.code, str(issue.at or ""), issue.subject) if part)
    return f"{head}\n  {cause(lang, issue)} {remedy(lang, issue)}"


def preferred_lang(header: str) -> Lang:
    """The language of an Accept-Language header that we have; Chinese when it names neither.

    >>> preferred_lang("en-GB,en;q=0.9,zh;q=0.5"), preferred_lang("fr"), preferred_lang("en;q=0, zh;q=0.1")
    ('en', 'zh', 'zh')
    """
    best: tuple[float, Lang] = (0.0, "zh")
    for part in header[:1000].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        for lang in LANGS:
            if tag.lower().split("-")[0] == lang and best[0] < quality <= 1.0:
                best = (quality, lang)
    return best[1]

"""Roles, rights and acts in words, the same that the console uses; what has no word is shown as its code."""

from __future__ import annotations

import re
from typing import Final

from ganzhi.base.messages import catalogue, say
from ganzhi.portal.present import Words


def _word(words: Words, key: str, code: str) -> str:
    return words.opening(say(words.lang, key)) if key in catalogue(words.lang) else code


_BROWSERS: Final = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Version", "Safari"))
_SYSTEMS: Final = ("Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux")


def browser_word(agent: str) -> str:
    """Browser and system out of what a browser says it is; all that it says, cut, when it names neither.

    >>> browser_word("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36")
    'Chrome 120 · Linux'
    """
    for sign, name in _BROWSERS:
        found = re.search(rf"{sign}\w*/(\d+)", agent)
        if found:
            system = next((each for each in _SYSTEMS if each in agent), "")
            return f"{name} {found[1]}" + (f" · {system}" if system else "")
    return agent[:60]


def role_word(words: Words, role: str) -> str:
    """A role."""
    return _word(words, f"access.role.{role}", role)


def right_word(words: Words, right: str) -> str:
    """A right; in a list, so without a capital."""
    key = f"access.right.{right}"
    return say(words.lang, key) if key in catalogue(words.lang) else right


def act_word(words: Words, act: str) -> str:
    """An act of the audit trail."""
    key = f"access.act.{act}"
    own = f"portal.audit.act_name.{act.replace('.', '_')}"
    return _word(words, key if key in catalogue(words.lang) else own, act)

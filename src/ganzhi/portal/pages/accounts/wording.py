"""Roles, rights and acts in words, the same that the console uses; what has no word is shown as its code."""

from __future__ import annotations

from ganzhi.base.messages import catalogue, say
from ganzhi.portal.present import Words


def _word(words: Words, key: str, code: str) -> str:
    return words.opening(say(words.lang, key)) if key in catalogue(words.lang) else code


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

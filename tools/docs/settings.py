"""Reference page: `ganzhi.toml`, from the settings' models."""

from __future__ import annotations

from typing import get_args

from pydantic import BaseModel

from ganzhi.base.settings import Settings, section_of
from tools.docs.markdown import page, prose, table


def _limits(metadata: list[object]) -> str:
    found = [
        f"{word} {getattr(rule, name)}"
        for rule in metadata
        for name, word in (("ge", "at least"), ("le", "at most"), ("gt", "above"), ("lt", "below"))
        if getattr(rule, name, None) is not None
    ]
    return ", ".join(found)


def _section(name: str, model: type[BaseModel]) -> list[str]:
    """A section and those inside it."""
    rows, inside = [], []
    for key, field in model.model_fields.items():
        inner = section_of(field.annotation)
        if inner is not None:
            inside += _section(f"{name}.{key}", inner)
            continue
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        plain = not isinstance(default, dict) and "<" not in name
        rows.append(
            (
                f"`{key}`",
                "required" if field.is_required() else f'`"{default}"`' if isinstance(default, str) else f"`{default}`",
                _limits(list(field.metadata)),
                f"`GANZHI_{name}_{key}`".upper().replace(".", "_") if plain else "",
            )
        )
    heading = f"## [{name}]\n\n{prose(model.__doc__)}\n\n"
    return [heading + table(["key", "default", "limits", "environment"], rows), *inside]


def settings_page() -> str:
    """All sections and keys with default, limits and the environment variable that overrides them."""
    intro = (
        "`ganzhi.toml` lies in the workspace. An environment variable overrides it. Everything is checked at\n"
        "once when a workspace is opened; an unknown key is an error."
    )
    sections = []
    for name, field in Settings.model_fields.items():
        model, title = section_of(field.annotation), name
        if model is None:  # a section for each name that is chosen
            model, title = section_of(get_args(field.annotation)[1]), f"{name}.<name>"
        assert model is not None
        sections += _section(title, model)
    return page("Settings", intro, *sections, _variables())


def _variables() -> str:
    rows = [
        ("`GANZHI_LANG`", "language of messages, `zh` or `en`"),
        ("`GANZHI_DEBUG`", "when set, a fault of the program prints its trace"),
    ]
    return "## Other environment variables\n\n" + table(["variable", "meaning"], rows)

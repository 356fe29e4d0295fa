"""Jinja2 as the portal uses it: templates of the package, autoescape, undefined names are errors."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from ganzhi.portal.assets import Asset
from ganzhi.portal.charts.ruler import zones
from ganzhi.portal.charts.spark import spark
from ganzhi.portal.charts.svg import icon
from ganzhi.portal.drawings.picture import PICTURE_FORMS, picture_link
from ganzhi.portal.links import FORMS, in_form, with_parameter
from ganzhi.portal.page import NAVIGATION
from ganzhi.portal.pages import charted
from ganzhi.portal.pages.accounts.menu import my_pages, who
from ganzhi.portal.pages.accounts.wording import browser_word, right_word, role_word


def environment(assets: Mapping[str, Asset]) -> Environment:
    """The environment with what every template may call."""
    made = Environment(
        loader=PackageLoader("ganzhi.portal", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(
        asset={name: f"/static/{asset.name}" for name, asset in assets.items()},
        icon=icon,
        spark=spark,
        row_ruler=charted.row_ruler,
        row_spark=charted.row_spark,
        score_spark=charted.score_spark,
        zones=zones,
        ground=charted.GROUND,
        navigation=NAVIGATION,
        my_pages=my_pages,
        who=who,
        browser_word=browser_word,
        role_word=role_word,
        right_word=right_word,
        in_form=in_form,
        forms=FORMS,
        with_parameter=with_parameter,
        picture_link=picture_link,
        picture_forms=PICTURE_FORMS,
    )
    return made

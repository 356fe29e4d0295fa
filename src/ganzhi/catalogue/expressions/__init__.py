"""Scalar expressions of the catalogue: parsed, checked, and written anew before anything may use them.

`parse` is the only way from text to SQL. It accepts an allow-list of forms over declared columns
and gives back regenerated text; nothing an author wrote reaches an engine as it stands.
"""

from ganzhi.catalogue.expressions.parse import Expr, Opinion, SecondOpinion, comparisons, conditions, parse
from ganzhi.catalogue.expressions.patterns import pattern_problem

__all__ = ["Expr", "Opinion", "SecondOpinion", "comparisons", "conditions", "parse", "pattern_problem"]

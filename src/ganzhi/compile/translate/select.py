"""SELECT statements of our own SQL in an engine's words.

Owns names: every column is written with the relation it comes from, every result with its name, so
that no engine's own rules about aliases come into play. Assumes SQL that this program generated;
refuses by CMP002 whatever it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from ganzhi.base.errors import InternalError
from ganzhi.compile.translate.conditions import CONDITIONS
from ganzhi.compile.translate.numbers import NUMBERS
from ganzhi.compile.translate.scalars import Handlers, Scalars
from ganzhi.compile.translate.sql_types import SqlType, common
from ganzhi.compile.translate.target import Target, Term, lacking
from ganzhi.compile.translate.texts import TEXTS
from ganzhi.compile.translate.values import VALUES

HANDLERS: Handlers = {**VALUES, **NUMBERS, **CONDITIONS, **TEXTS}


@dataclass(frozen=True, slots=True)
class Source:
    """A relation a query may read. sql: what stands for it after FROM. columns: their types, in order."""

    sql: str
    columns: Mapping[str, SqlType]


@dataclass(frozen=True, slots=True)
class Translated:
    """A SELECT in an engine's words, and the columns it gives."""

    sql: str
    columns: Mapping[str, SqlType]


Sources = Mapping[str, Source]


def translate(sql: str, target: Target, sources: Sources, *, outer: bool = True) -> Translated:
    """One SELECT of ours, written for DuckDB, in the target's words.

    sources: the relations it may read, by the names it gives them. outer: whether its rows come to
    us; those that the engine keeps may be of types that no driver hands over.
    Raises: InputError CMP002 naming the engine and the construct it has no exact form of.
    """
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    found = _Query(target, sources, outer=outer).written(tree, "")
    return Translated(found.sql + target.hint(), found.columns)


@dataclass(frozen=True, slots=True)
class _Item:
    """A relation in a FROM: its alias there, its columns, and those it shares by USING with an earlier one."""

    alias: str
    columns: Mapping[str, SqlType]
    shared: frozenset[str] = frozenset()


class _Query:
    """Translates a query over the relations that are visible to it."""

    def __init__(self, target: Target, sources: Sources, *, outer: bool = False) -> None:
        self._target, self._sources, self._outer = target, dict(sources), outer
        self._unnamed = 0

    def written(self, tree: exp.Expr, indent: str) -> Translated:
        """A SELECT or a UNION, with the relations its WITH names."""
        if isinstance(tree, exp.Subquery) and not tree.args.get("alias"):
            return self.written(tree.this, indent)
        outer, self._outer = self._outer, False
        if not isinstance(tree, (exp.Select, exp.Union)):
            raise self._lacking(tree)
        inner = _Query(self._target, self._sources)
        head = _notes(tree, indent)
        named = tree.args.get("with_")
        ctes = []
        if named is not None:
            head += _notes(named, indent)
            if named.args.get("recursive"):
                raise self._lacking(named)
            for cte in named.expressions:
                alias = self._target.quoted(cte.alias)
                query = inner.written(cte.this, indent + "    ")
                inner._sources[cte.alias] = Source(alias, query.columns)
                ctes.append(f"{_notes(cte, indent + '  ')}{indent}  {alias} AS (\n{query.sql}\n{indent}  )")
        inner._outer = outer
        body = inner._union(tree, indent) if isinstance(tree, exp.Union) else inner._select(tree, indent)
        before = f"{indent}WITH\n" + ",\n".join(ctes) + "\n" if ctes else ""
        return Translated(head + before + body.sql, body.columns)

    def _union(self, tree: exp.Union, indent: str) -> Translated:
        if tree.args.get("distinct") or type(tree) is not exp.Union or tree.args.get("order") or tree.args.get("limit"):
            raise self._lacking(tree)
        outer = self._outer
        left = self.written(tree.this, indent)
        self._outer = outer
        right = self.written(tree.expression, indent)
        columns = {}
        for (name, kind), other in zip(left.columns.items(), right.columns.values(), strict=True):
            both = common((kind, other))
            if both is None or (kind.name != other.name and "null" not in (kind.name, other.name)):
                raise self._lacking(tree)
            columns[name] = both
        return Translated(f"{left.sql}\n{indent}UNION ALL\n{right.sql}", columns)

    _KNOWN = frozenset({
        "expressions", "from_", "joins", "where", "group", "order", "limit", "offset", "distinct", "with_", "kind", "hint",
    })  # fmt: skip

    def _select(self, tree: exp.Expr, indent: str) -> Translated:
        extra = {name for name, value in tree.args.items() if value} - self._KNOWN
        if extra:
            raise self._lacking(tree)
        outer, self._outer = self._outer, False
        items, from_sql = self._from(tree, indent)
        scalars = Scalars(
            self._target,
            HANDLERS,
            lambda column: self._column(column, items),
            lambda query: self.written(query, indent + "  ").sql,
        )
        chosen = self._chosen(tree, items, scalars)
        distinct = tree.args.get("distinct")
        if distinct is not None and distinct.args.get("on"):
            raise self._lacking(tree)
        lines = [f"{indent}SELECT{' DISTINCT' if distinct is not None else ''}"]
        said = [self._target.output(term) if outer else term.sql for term, _ in chosen.values()]
        listed = [f"{indent}  {sql} AS {self._target.quoted(name)}" for name, sql in zip(chosen, said, strict=True)]
        notes = [note for _, note in chosen.values()]
        last = len(listed) - 1
        lines += [
            f"{text}{'' if n == last else ','}{note}" for n, (text, note) in enumerate(zip(listed, notes, strict=True))
        ]
        lines += from_sql
        if tree.args.get("where") is not None:
            lines.append(f"{indent}WHERE {scalars.condition(tree.args['where'].this)}")
        if tree.args.get("group") is not None:
            lines.append(f"{indent}{self._group(tree.args['group'], scalars)}")
        if tree.args.get("order") is not None:
            lines.append(
                f"{indent}ORDER BY {', '.join(scalars.ordered(each) for each in tree.args['order'].expressions)}"
            )
        for name in ("limit", "offset"):
            if tree.args.get(name) is not None:
                lines.append(f"{indent}{name.upper()} {int(tree.args[name].expression.name)}")
        return Translated("\n".join(lines), {name: term.type for name, (term, _) in chosen.items()})

    def _from(self, tree: exp.Expr, indent: str) -> tuple[list[_Item], list[str]]:
        source = tree.args.get("from_")
        if source is None:
            return [], []
        item, sql = self._item(source.this, indent)
        items, lines = [item], [f"{indent}FROM {sql}"]
        for join in tree.args.get("joins") or []:
            side = str(join.args.get("side") or "")
            if {n for n, v in join.args.items() if v} - {"this", "on", "using", "side"} or side not in ("", "LEFT"):
                raise self._lacking(join)
            item, sql = self._item(join.this, indent)
            word = f"{side} JOIN".strip()
            lines += _notes(join, indent).splitlines()
            if join.args.get("using"):
                names = [each.name for each in join.args["using"]]
                item = _Item(item.alias, item.columns, frozenset(names))
                pairs = [f"{self._named(name, items).sql} = {self._of(item, name).sql}" for name in names]
                lines.append(f"{indent}{word} {sql} ON {' AND '.join(pairs)}")
                items.append(item)
            elif join.args.get("on") is not None:
                items.append(item)
                scalars = Scalars(self._target, HANDLERS, lambda column: self._column(column, items))
                lines.append(f"{indent}{word} {sql} ON {scalars.condition(join.args['on'])}")
            else:
                raise self._lacking(join)
        return items, lines

    def _item(self, node: exp.Expr, indent: str) -> tuple[_Item, str]:
        """A relation of a FROM and its text there."""
        alias = node.alias
        if not alias and isinstance(node, exp.Table):
            alias = node.name
        if not alias:
            self._unnamed += 1
            alias = f"q{self._unnamed}"
        quoted = self._target.quoted(alias)
        if isinstance(node, exp.Subquery):
            query = self.written(node.this, indent + "  ")
            return _Item(alias, query.columns), f"(\n{query.sql}\n{indent}) AS {quoted}"
        if not isinstance(node, exp.Table) or node.args.get("db"):
            raise self._lacking(node)
        source = self._sources.get(node.name)
        if source is None:
            raise InternalError(f"no relation {node.name!r} in this session")
        return _Item(alias, source.columns), f"{source.sql} AS {quoted}"

    def _chosen(self, tree: exp.Expr, items: list[_Item], scalars: Scalars) -> dict[str, tuple[Term, str]]:
        """What a SELECT gives, by name, each with its comment."""
        found: dict[str, tuple[Term, str]] = {}
        for node in tree.expressions:
            if isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
                for item in items:
                    if isinstance(node, exp.Star) or item.alias == node.table:
                        found |= {name: (self._of(item, name), "") for name in item.columns if name not in item.shared}
                continue
            name = node.alias_or_name
            if not name or name in found:
                raise self._lacking(node)
            found[name] = (scalars.term(node.this if isinstance(node, exp.Alias) else node), _note(node))
        return found

    def _group(self, node: exp.Expr, scalars: Scalars) -> str:
        if {name for name, value in node.args.items() if value} != {"expressions"}:
            raise self._lacking(node)
        sets = [each for each in node.expressions if isinstance(each, exp.GroupingSets)]
        if not sets:
            return "GROUP BY " + ", ".join(scalars.term(each).sql for each in node.expressions)
        if len(node.expressions) != 1:
            raise self._lacking(node)
        listed = []
        for each in sets[0].expressions:
            members = (
                each.expressions
                if isinstance(each, exp.Tuple)
                else [each.this if isinstance(each, exp.Paren) else each]
            )
            listed.append("(" + ", ".join(scalars.term(member).sql for member in members) + ")")
        return "GROUP BY GROUPING SETS (" + ", ".join(listed) + ")"

    def _column(self, node: exp.Column, items: list[_Item]) -> Term:
        if not node.table:
            return self._named(node.name, items)
        for item in items:
            if item.alias == node.table:
                return self._of(item, node.name)
        raise InternalError(f"no relation {node.table!r} beside {node.sql()}")

    def _named(self, name: str, items: list[_Item]) -> Term:
        having = [item for item in items if name in item.columns and name not in item.shared]
        if len(having) != 1:
            raise InternalError(f"{len(having)} relations have a column {name!r}")
        return self._of(having[0], name)

    def _of(self, item: _Item, name: str) -> Term:
        if name not in item.columns:
            raise InternalError(f"no column {name!r} in {item.alias}")
        return Term(f"{self._target.quoted(item.alias)}.{self._target.quoted(name)}", item.columns[name])

    def _lacking(self, node: exp.Expr) -> Exception:
        return lacking(self._target.name, node.sql(dialect="duckdb")[:120])


def _notes(node: exp.Expr, indent: str) -> str:
    """A node's comments as lines of their own."""
    return "".join(f"{indent}-- {line}\n" for comment in node.comments or [] for line in comment.strip().splitlines())


def _note(node: exp.Expr) -> str:
    """A node's comments at the end of a line."""
    return "".join(f" -- {' '.join(comment.split())}" for comment in node.comments or [])

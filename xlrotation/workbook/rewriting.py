"""Formula texts brought into a form that IronCalc computes, with the same meaning."""

from __future__ import annotations

import re

from xlrotation.workbook import calls, references
from xlrotation.workbook.engine import Engine, Place
from xlrotation.workbook.troubles import MAX_LENGTH

_OWN_PLACE = re.compile(r'"(?:[^"]|"")*"|(?<![\w.])(ROW|COLUMN)\(\s*\)', re.IGNORECASE)
_INDIRECT = frozenset({"INDIRECT"})
_MAX_DEPTH = 20


class Rewriter:
    """Rewrites formulas of one workbook."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._names = self._name_pattern()

    def _name_pattern(self) -> re.Pattern[str] | None:
        names = {name for _, name in self._engine.names}
        if not names:
            return None
        any_of = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
        return re.compile(
            r'"(?:[^"]|"")*"|\[(?:[^\[\]]|\[[^\[\]]*\])*\]'
            r"|(?<![\w.\\'!])(?P<sheet>(?:'(?:[^']|'')+'|[A-Za-z_\u0080-\uffff][\w.]*)!)?"
            rf"(?P<name>{any_of})(?P<call>\()?(?![\w.\\!])"
            r"|'(?:[^']|'')*'",
            re.IGNORECASE,
        )

    def expanded(self, formula: str, key: Place, depth: int = 0) -> str:
        """*formula* with defined names spelled out where IronCalc does not follow them.

        It follows names of plain absolute references only, and only without the name of a sheet before them.
        """
        if self._names is None or depth > _MAX_DEPTH or len(formula) > MAX_LENGTH:
            return formula

        def spell(match: re.Match[str]) -> str:
            name = match["name"]
            if name is None:
                return match[0]
            scope: int | None = key[0]
            if match["sheet"]:
                scope = self._engine.sheet(match["sheet"][:-1].strip("'").replace("''", "'"))
            definition = self._engine.definition(name, scope)
            if definition is None:
                return match[0]
            own = references.moved(definition, key[1] - 1, key[2] - 1)
            area = references.parse_area(definition)
            is_lambda = definition.upper().startswith("LAMBDA(")
            if match["call"] and not is_lambda:
                return match[0]
            if area is not None:
                local = (None, name.lower()) not in self._engine.names or (scope, name.lower()) in self._engine.names
                return own if local or match["sheet"] or own != definition else match[0]
            spelled = self.expanded(own, key, depth + 1)
            return spelled + (match["call"] or "") if is_lambda else f"({spelled})"

        return self._names.sub(spell, formula)

    def quoted_home(self, key: Place) -> str:
        """The name of the sheet of *key* as a formula writes it."""
        return references.quoted_sheet(self._engine.sheets[key[0]])

    def elsewhere(self, expression: str, key: Place) -> str:
        """A formula for a scratch sheet that means what *expression* means in cell *key*."""
        own = self.quoted_home(key)

        def place(match: re.Match[str]) -> str:
            return match[0] if not match[1] else str(key[1] if match[1].upper() == "ROW" else key[2])

        formula = _OWN_PLACE.sub(place, f"={expression}")
        formula = references.with_sheet(formula, own)
        return self._with_home(formula, own) if "indirect" in formula.lower() else formula

    def _with_home(self, formula: str, own: str) -> str:
        """*formula* whose INDIRECT looks on the sheet *own* where its text names none."""

        def text_of(call: calls.Call) -> str:
            texts = [self._with_home(text, own) for text in calls.argument_texts(formula, call)]
            if texts:
                texts[0] = address(texts[0], own)
            return f"INDIRECT({','.join(texts)})"

        return calls.replace_calls(formula, calls.find_calls(formula, _INDIRECT), text_of)


def address(text: str, own: str) -> str:
    """An expression for the address that INDIRECT(*text*) means on the sheet *own*."""
    sheet = own.replace('"', '""')
    return f'IF(ISNUMBER(FIND("!",{text})),{text},"{sheet}!"&{text})'


def indirect_text(text: str) -> str | None:
    """The argument of an INDIRECT that is the whole of *text*; None where it is something else, or in R1C1 style."""
    found = calls.find_calls(text, _INDIRECT)
    if len(found) != 1 or found[0].start != 0 or found[0].end != len(text):
        return None
    texts = calls.argument_texts(text, found[0])
    if not texts or (len(texts) > 1 and texts[1].upper() not in ("", "1", "TRUE")):
        return None
    return texts[0]

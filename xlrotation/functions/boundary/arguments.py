"""The arguments of a call: the cells that were given, each read as its parameter says."""

from __future__ import annotations

from collections.abc import Sequence

from xlrotation.errors import BadArgument, CellError, RotationError
from xlrotation.functions.boundary import advice
from xlrotation.functions.boundary.registry import Parameter, Spec
from xlrotation.functions.boundary.scope import Scope


def read_arguments(spec: Spec, cells: Sequence[object], scope: Scope) -> list[object] | CellError:
    """What the function is given; an error that came in with a cell goes out again.

    Args:
        spec: The function.
        cells: What was given, the arguments at the end perhaps left out.
        scope: What it is read in.

    Raises:
        RotationError: An argument is lacking, or cannot be read.
    """
    values: list[object] = [scope] if spec.needs_here else []
    given = len(cells)
    for i, parameter in enumerate(spec.parameters):
        cell = cells[i] if i < given else None
        if type(cell) is list:
            values.append(parameter.kind.read_range(cell, scope))
            continue
        if cell is None or cell == "":
            cell = parameter.default
            if cell is None:
                if parameter.required:
                    return _lacking(spec, parameter, cells)
                values.append(parameter.kind.blank(scope))
                continue
        elif type(cell) is CellError:
            return cell
        try:
            values.append(parameter.kind.read(cell, scope))  # type: ignore[arg-type]
        except RotationError as error:
            raise advice.placed(error, spec, cells, i, scope) from None
    return values


def _lacking(spec: Spec, parameter: Parameter, cells: Sequence[object]) -> CellError:
    """An error that came in with another cell: it says more than what is missing."""
    for cell in cells:
        if type(cell) is CellError:
            return cell
    raise BadArgument(f"{spec.name} needs {parameter.name}: {parameter.help}")

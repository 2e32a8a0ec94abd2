"""The extension file (.oxt), built from the registry.

LibreOffice reads an interface's text (IDL) as it stands, so no compiler of its software development kit is needed.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape, quoteattr

import xlrotation
from xlrotation.functions.boundary.kinds import SymbolKind
from xlrotation.functions.boundary.registry import FAMILIES, Spec, functions
from xlrotation.hosts import CALC_NUMBERS
from xlrotation.languages import Text, known, locale

IDENTIFIER = "org.xlrotation.addin"
SERVICE = "org.xlrotation.WorksheetFunctions"
JOB = "org.xlrotation.Reenter"

_UNSET = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "LD_LIBRARY_PATH", "URE_BOOTSTRAP", "UNO_PATH")
"""What LibreOffice sets for its own Python and the user's must not see."""

_DATE = (1980, 1, 1, 0, 0, 0)

_KINDS = {
    "functions.idl": "application/vnd.sun.star.uno-typelibrary;type=RDB",
    "component.py": "application/vnd.sun.star.uno-component;type=Python",
    "CalcAddIns.xcu": "application/vnd.sun.star.configuration-data",
    "Jobs.xcu": "application/vnd.sun.star.configuration-data",
}
"""What LibreOffice is to make of a file."""

_DESCRIPTION = """<?xml version="1.0" encoding="UTF-8"?>
<description xmlns="http://openoffice.org/extensions/description/2006" xmlns:xlink="http://www.w3.org/1999/xlink">
  <identifier value="{identifier}"/>
  <version value="{version}"/>
  <display-name>
    <name lang="en">xlrotation</name>
  </display-name>
</description>
"""

_JOBS = f"""<?xml version="1.0" encoding="UTF-8"?>
<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
  oor:name="Jobs" oor:package="org.openoffice.Office">
  <node oor:name="Jobs">
    <node oor:name="{JOB}" oor:op="replace">
      <prop oor:name="Service"><value>{JOB}</value></prop>
    </node>
  </node>
  <node oor:name="Events">
    <node oor:name="onDocumentOpened" oor:op="fuse">
      <node oor:name="JobList">
        <node oor:name="{JOB}" oor:op="replace"/>
      </node>
    </node>
  </node>
</oor:component-data>
"""


def build(
    path: Path,
    python: str = sys.executable,
    environment: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
) -> Path:
    """Write the extension.

    Args:
        path: The file.
        python: The interpreter that computes; it must have this package.
        environment: Variables that it is given, whatever the user's own say.
        defaults: Variables that it is given where the user's own do not say.
    """
    settings = {
        "python": python,
        "environment": dict(environment or {}),
        "defaults": dict(defaults or {}),
        "unset": list(_UNSET),
    }
    with path.open("wb") as file:
        _write(file, settings)
    return path


def _write(file: IO[bytes], settings: Mapping[str, object]) -> None:
    specs = list(functions().values())
    component = resources.files(__package__).joinpath("component.py").read_text("utf-8")
    parts = {
        "META-INF/manifest.xml": _manifest(),
        "description.xml": _DESCRIPTION.format(identifier=IDENTIFIER, version=xlrotation.__version__),
        "functions.idl": idl(specs),
        "CalcAddIns.xcu": configuration(specs),
        "Jobs.xcu": _JOBS,
        "component.py": component,
        "functions.json": json.dumps(texts(specs), ensure_ascii=False, indent=1),
        "errors.json": json.dumps({error.value: number for error, number in CALC_NUMBERS.items()}),
        "settings.json": json.dumps(settings, ensure_ascii=False),
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(zipfile.ZipInfo(name, _DATE), text.encode(), zipfile.ZIP_DEFLATED)


def _manifest() -> str:
    entries = "".join(
        f'  <manifest:file-entry manifest:media-type="{kind}" manifest:full-path="{name}"/>\n'
        for name, kind in _KINDS.items()
    )
    space = 'xmlns:manifest="http://openoffice.org/2001/manifest"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<manifest:manifest {space}>\n{entries}</manifest:manifest>\n'


def idl(specs: list[Spec]) -> str:
    """The interface of the functions: one method each, all of whose arguments may be left out.

    Calc gives the document that calls as the first one and shows it nowhere.
    """
    lines = [
        "module org { module xlrotation {",
        "",
        "interface XWorksheetFunctions : com::sun::star::uno::XInterface {",
    ]
    for spec in specs:
        document = "[in] com::sun::star::beans::XPropertySet document"
        arguments = ", ".join([document, *(f"[in] any a{place}" for place in range(len(spec.parameters)))])
        lines.append(f"    {_result(spec)} {method_name(spec.name)}({arguments});")
    return "\n".join((*lines, "};", "", "}; };", ""))


def _result(spec: Spec) -> str:
    """The type of a result: rows of cells, because a Python component cannot return now a cell, now rows.

    Only of a single text Calc makes one that equals another text, so functions that give one return a single cell.
    """
    return "any" if single(spec) else "sequence< sequence< any > >"


def single(spec: Spec) -> bool:
    """Whether a function gives one cell and fills no range: those that give a text, but not one for each symbol."""
    first = spec.parameters[0].kind if spec.parameters else None
    return spec.unit == "text" and not spec.table and not isinstance(first, SymbolKind)


def method_name(name: str) -> str:
    """The method of a function: interfaces take no underscores, so ``PX_RET`` becomes ``pxRet``."""
    first, *others = name.lower().split("_")
    return first + "".join(word.capitalize() for word in others)


def texts(specs: list[Spec]) -> dict[str, object]:
    """What the function wizard shows, by method; each help by language."""
    return {
        method_name(spec.name): {
            "function": spec.name,
            "single": single(spec),
            "help": {lang: spec.gives(lang) for lang in known()},
            "arguments": [
                {"name": parameter.name, "help": {lang: parameter.text.into(lang) for lang in known()}}
                for parameter in spec.parameters
            ],
        }
        for spec in specs
    }


def configuration(specs: list[Spec]) -> str:
    """The functions as Calc's configuration lists them, with names, texts and arguments."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"',
        '  oor:name="CalcAddIns" oor:package="org.openoffice.Office">',
        '  <node oor:name="AddInInfo">',
        f'    <node oor:name="{SERVICE}" oor:op="replace">',
        '      <node oor:name="AddInFunctions">',
    ]
    for spec in specs:
        about = _ABOUT.of(summary=Text(spec.summary), family=FAMILIES[spec.family])
        lines.append(f'        <node oor:name={quoteattr(method_name(spec.name))} oor:op="replace">')
        lines.append(_texts("DisplayName", spec.name))
        lines.append(_texts("Description", about))
        lines.append('          <prop oor:name="Category"><value>Add-In</value></prop>')
        lines.append(_texts("CompatibilityName", spec.name))
        lines.append('          <node oor:name="Parameters">')
        for place, parameter in enumerate(spec.parameters):
            lines.append(f'            <node oor:name="a{place}" oor:op="replace">')
            lines.append(_texts("DisplayName", parameter.name))
            lines.append(_texts("Description", parameter.text))
            lines.append("            </node>")
        lines.append("          </node>")
        lines.append("        </node>")
    lines += ["      </node>", "    </node>", "  </node>", "</oor:component-data>", ""]
    return "\n".join(lines)


_ABOUT = Text("{summary} ({family})")


def _texts(name: str, text: Text | str) -> str:
    told = {locale(lang): text if isinstance(text, str) else text.into(lang) for lang in known()}
    values = "".join(f'<value xml:lang="{tag}">{escape(words)}</value>' for tag, words in told.items())
    return f'          <prop oor:name="{name}">{values}</prop>'

"""The texts that LibreOffice's function wizard asks for, in the program's language."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

import xlrotation

COMPONENT = Path(xlrotation.__file__).parent / "fronts" / "libreoffice" / "component.py"
HELP = {"en": "Return.", "zh": "收益率。", "pt_BR": "Retorno."}
KNOWN = {"pxRet": {"function": "PX_RET", "help": HELP, "arguments": [{"name": "symbol", "help": HELP}]}}


@pytest.fixture
def wizard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The component and its errors, in a Python without LibreOffice: it needs of it but names to derive from."""
    names = "uno unohelper com com.sun com.sun.star com.sun.star.lang com.sun.star.sheet com.sun.star.task"
    for name in names.split():
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    for module, interfaces in {
        "unohelper": "Base",
        "com.sun.star.lang": "XLocalizable XServiceInfo XServiceName",
        "com.sun.star.sheet": "LocalizedName XAddIn XCompatibilityNames",
        "com.sun.star.task": "XJob",
    }.items():
        for name in interfaces.split():
            monkeypatch.setattr(sys.modules[module], name, type(name, (), {}), raising=False)
    implementation = SimpleNamespace(addImplementation=lambda *_: None)
    monkeypatch.setattr(sys.modules["unohelper"], "ImplementationHelper", lambda: implementation, raising=False)
    (tmp_path / "errors.json").write_text("{}")
    copied = shutil.copy(COMPONENT, tmp_path)
    spec = importlib.util.spec_from_file_location("component_under_test", copied)
    assert spec is not None
    assert spec.loader is not None
    component = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(component)
    monkeypatch.setattr(component, "read_json", lambda _: KNOWN)
    return component.Described(None)


@pytest.mark.parametrize(
    ("language", "country", "told"),
    [
        ("zh", "CN", "收益率。"),
        ("zh", "TW", "收益率。"),
        ("en", "GB", "Return."),
        ("de", "DE", "Return."),
        ("pt", "BR", "Retorno."),
        ("pt", "PT", "Return."),
        ("", "", "Return."),
    ],
)
def test_the_wizard_speaks_the_programs_language(wizard, language: str, country: str, told: str) -> None:
    wizard.setLocale(SimpleNamespace(Language=language, Country=country))
    assert wizard.getFunctionDescription("pxRet") == told
    assert wizard.getArgumentDescription("pxRet", 1) == told  # place 0 is the document, which nobody types
    assert wizard.getDisplayArgumentName("pxRet", 1) == "symbol"


def test_the_wizard_speaks_english_where_nobody_says(wizard) -> None:
    assert wizard.getFunctionDescription("pxRet") == "Return."
    assert wizard.getFunctionDescription("pxOther") == ""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from xlrotation.functions.boundary import registry
from xlrotation.functions.boundary.parameters import Number, default
from xlrotation.functions.boundary.registry import SpecError, functions, worksheet_function
from xlrotation.languages import known

# The catalogue's names of the finished families: the contract with saved workbooks.
CATALOGUE = """
XLR_VERSION XLR_STATUS XLR_ASOF XLR_ERRORS XLR_FUNCTIONS XLR_HELP XLR_SYMBOL XLR_SOURCE
PX_CLOSE PX_HISTORY PX_RET PX_RET_BETWEEN PX_MA PX_VS_MA PX_DRAWDOWN PX_PCTRANK PX_SINCE PX_CROSS PX_MKTCAP
PX_MKTCAP_CHANGE
ROT_SECTOR_RET ROT_SECTOR_TABLE ROT_SECTOR_RANK ROT_SECTOR_SPREAD ROT_SECTOR_BEST ROT_SECTOR_WORST ROT_LEADERS
ROT_LAGGARDS ROT_REL_RET ROT_DEFENSIVE ROT_SIZE ROT_VALUE ROT_EQUALWEIGHT ROT_RRG ROT_RRG_TAIL ROT_PERSISTENCE
ROT_INTERPRET
RS_STREAK RS_STREAK_TABLE RS_STREAK_SINCE RS_STREAK_PROB RS_HITRATE RS_RATIO RS_MOMENTUM RS_MANSFIELD
REP_CLAIMS REP_SUMMARY REP_AUDIT REP_BIND
""".split()

# Argument order is part of the contract; later arguments may be added, earlier ones never moved.
SIGNATURES = {
    "PX_CLOSE": "symbol asof basis",
    "PX_HISTORY": "symbols start_date end_date field header",
    "PX_RET": "symbol window asof basis anchor",
    "PX_RET_BETWEEN": "symbol start_date end_date basis anchor",
    "PX_MA": "symbol n asof kind",
    "PX_SINCE": "symbol asof side",
    "PX_CROSS": "symbol level window asof",
    "PX_MKTCAP_CHANGE": "symbols window asof",
    "PX_CHANGE": "symbol window asof",
    "PX_VOLUME": "symbol window asof measure",
    "PX_ZSCORE": "symbol window asof",
    "PX_RANK": "symbol window asof side",
    "PX_STREAK": "symbol asof freq",
    "PX_RECORDS": "symbol window asof side",
    "PX_RET_SINCE": "symbol window asof side",
    "PX_TABLE": "symbols fields asof",
    "UNI_RET": "universe window asof weighting",
    "ROT_FACTORS": "symbol window asof",
    "RS_BETA": "symbol benchmark window asof method",
    "RS_CORREL": "a b window asof",
    "RS_ALPHA": "symbol benchmark window asof",
    "RS_HISTORY": "a b measure window asof",
    "DISP_CORR_MATRIX": "symbols window asof",
    "XLR_CHANGED": "asof n",
    "ROT_SECTOR_RET": "sector window asof basis anchor",
    "ROT_SECTOR_TABLE": "windows asof sort_by basis header",
    "ROT_LEADERS": "universe n window asof",
    "ROT_REL_RET": "a b window asof basis anchor",
    "ROT_RRG": "symbols benchmark asof length",
    "ROT_RRG_TAIL": "symbol benchmark points asof",
    "ROT_PERSISTENCE": "window lags asof",
    "ROT_INTERPRET": "symbol window asof lang",
    "RS_STREAK": "a b asof freq",
    "RS_STREAK_TABLE": "a b n asof",
    "RS_STREAK_PROB": "a b asof window",
    "RS_RATIO": "a b asof base",
    "RS_MANSFIELD": "a b n asof",
    "REP_CLAIMS": "report",
    "REP_SUMMARY": "report lang asof",
    "REP_AUDIT": "text report_date lang",
    "REP_BIND": "sentence report_date",
    "XLR_HELP": "name",
    "XLR_SYMBOL": "text",
    "XLR_ERRORS": "n",
}


def test_every_name_of_the_catalogue_is_there():
    assert not set(CATALOGUE) - set(registry.functions())


@pytest.mark.parametrize("name", SIGNATURES)
def test_argument_order_is_the_contract(name):
    given = [parameter.name for parameter in registry.functions()[name].parameters]
    wanted = SIGNATURES[name].split()
    assert given[: len(wanted)] == wanted


def test_the_order_does_not_depend_on_what_was_imported_first():
    found = []
    for first in ("", "import xlrotation.functions.families.vol.stress, xlrotation.functions.families.mac.fedwatch\n"):
        code = f"{first}from xlrotation.functions.boundary.registry import functions\nprint(*functions())"
        found.append(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    assert found[0] == found[1]
    assert found[0].split() == list(registry.functions())


def declare(function, **more):
    return worksheet_function(**{"unit": "return", "example": f"={function.__name__}()", **more})(function)


def PX_TESTED(value: Number = default(1)) -> float:
    """A number.

    Args:
        value: The number.
    """
    return value


def refused(function, message, **more):
    with pytest.raises(SpecError, match=message):
        declare(function, **more)
    assert "PX_TESTED" not in registry._REGISTRY


def test_a_declaration_must_be_complete():
    refused(PX_TESTED, "unit", unit="parsecs")
    refused(PX_TESTED, "example", example="=PX_RET()")
    with pytest.raises(TypeError):
        worksheet_function(unit="return", example="=PX_TESTED()", catgory="x")


def test_reserved_words_and_missing_help_are_refused():
    def PX_TESTED(currency: Number = default(1)) -> float:
        """A number.

        Args:
            currency: The number.
        """
        return currency

    refused(PX_TESTED, "reserved word")

    def PX_TESTED(value: Number = default(1)) -> float:
        """A number."""
        return value

    refused(PX_TESTED, "has no help")

    def PX_TESTED(value: Number = default(1)) -> float:
        """A number.

        Args:
            value: The number.
            other: Of nothing.
        """
        return value

    refused(PX_TESTED, "does not take")


@pytest.mark.parametrize("lang", known())
def test_every_help_fits_into_the_wizard(lang):
    for spec in functions().values():
        for text in (spec.gives(lang), *(parameter.text.into(lang) for parameter in spec.parameters)):
            assert 0 < len(text) <= registry.MAX_HELP, (spec.name, text)


def test_names_of_arguments_have_as_much_room_as_the_wizard(monkeypatch):
    def declared(length):
        source = f"""def PX_TESTED({"a" * length}: Number = default(1)) -> float:
    '''A number.

    Args:
        {"a" * length}: The number.
    '''
    return 0.0
"""
        names = {"Number": Number, "default": default}
        exec(source, names)
        return names["PX_TESTED"]

    monkeypatch.setattr(registry, "_REGISTRY", {})
    # One argument and the letters of its name: 254 together.
    worksheet_function(unit="return", example="=PX_TESTED()")(declared(253))
    assert list(registry._REGISTRY) == ["PX_TESTED"]
    registry._REGISTRY.clear()
    refused(declared(254), "too long")


def test_families_stand_in_their_order_and_functions_in_that_of_their_modules():
    families = [spec.family for spec in functions().values()]
    assert list(dict.fromkeys(families)) == [
        "XLR",
        "PX",
        "UNI",
        "ROT",
        "RS",
        "DISP",
        "VOL",
        "BRD",
        "VAL",
        "FLOW",
        "MAC",
        "EVT",
        "REP",
    ]
    assert sorted(families, key=families.index) == families
    assert all(name == spec.name and name.startswith(spec.family + "_") for name, spec in functions().items())


def test_no_text_counts_the_sectors_of_every_exchange():
    """A list of sectors belongs to an exchange: eleven are those of New York."""
    for name, spec in functions().items():
        texts = [*map(spec.gives, known()), *(told for p in spec.parameters for told in p.text.anywhere())]
        assert not [text for text in texts if "eleven" in text or "十一" in text], name
        assert spec.description.count("eleven") == spec.description.count("in New York the eleven"), name


def test_the_table_of_families_names_what_their_modules_declare():
    from xlrotation.functions import families

    for module, names in families.MODULES.items():
        there = importlib.import_module(f"{families.__name__}.{module}")
        declared = [spec.name for spec in registry._REGISTRY.values() if spec.function.__module__ == there.__name__]
        assert names.split() == declared, module
    found = {path for path in Path(families.__file__).parent.rglob("*.py") if "@worksheet_function" in path.read_text()}
    assert {Path(families.__file__).parent / (name.replace(".", "/") + ".py") for name in families.MODULES} == found


def test_names_are_known_and_modules_loaded_when_asked():
    code = (
        "import sys; from xlrotation.functions.boundary.session import Session; s = Session('sample');"
        "assert len(s.names) > 100 and 'VOL_IMPLIED' in s.names;"
        "loaded = lambda: {m for m in sys.modules if m.startswith('xlrotation.functions.families.')};"
        "assert not loaded(), loaded();"
        "assert isinstance(s.call('rs_streak'), (int, float));"
        "assert 'xlrotation.functions.families.rs' in loaded() and 'xlrotation.functions.families.rep' not in loaded();"
        "assert 'VOL_IMPLIED' in s._functions and 'NOPE' not in s._functions and s._functions.get('NOPE') is None;"
        "assert not any('.vol' in m for m in loaded())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

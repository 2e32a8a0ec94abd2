"""Every function names its proof, and no proof is one in name only."""

from __future__ import annotations

import textwrap

import pytest

from tests.proofs.catalogue import BEGIN, END, PAGE, UNVERIFIED, Proof, faults, page, proofs, table
from xlrotation.functions.boundary.registry import functions

pytest_plugins = ["pytester"]


def test_every_function_has_a_proof():
    assert faults(proofs(), functions(), UNVERIFIED) == []


def test_few_functions_are_without_one():
    assert len(UNVERIFIED) <= 3


def test_the_page_shows_the_proofs():
    text = PAGE.read_text("utf-8")
    assert page(text) == text, "run: python -m tests.proofs"
    assert text.count(BEGIN) == text.count(END) == 1


GOOD = Proof("test_a.py::test_a", ("AA_B",), "Euclid")


@pytest.mark.parametrize(
    ("found", "unverified", "told"),
    [
        ([GOOD], {}, None),
        ([], {"AA_B": "nobody knows"}, None),
        ([], {}, "AA_B has no proof"),
        ([GOOD], {"AA_B": "nobody knows"}, "AA_B has a proof and is listed as unverified"),
        ([], {"AA_B": " "}, "AA_B is listed as unverified without a reason"),
        ([GOOD], {"AA_C": "nobody knows"}, "AA_C is listed as unverified and is no function"),
        ([GOOD, Proof("t::u", ("AA_X",), "Euclid")], {}, "t::u proves AA_X, which is no function"),
        ([GOOD, Proof("t::u", ("AA_B",), "Euclid", ("may be skipped",))], {}, "t::u may be skipped"),
    ],
)
def test_what_is_a_fault(found, unverified, told):
    assert faults(found, ["AA_B"], unverified) == ([told] if told else [])


HEAD = "import pytest\n"
TEST = "def test_a(sample):\n    assert sample.call('AA_B') == 1\n"
MARKED = f"@pytest.mark.proves('AA_B', by='Euclid')\n{TEST}"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (MARKED, None),
        (f"@pytest.mark.proves('AA_B', 'AA_C', by='Euclid')\n{TEST}", None),
        (f"@pytest.mark.proves\n{TEST}", "names no function"),
        (f"@pytest.mark.proves(by='Euclid')\n{TEST}", "plain texts"),
        (f"@pytest.mark.proves(NAME, by='Euclid')\n{TEST}", "plain texts"),
        (f"@pytest.mark.proves('AA_B')\n{TEST}", "by whom"),
        (f"@pytest.mark.proves('AA_B', by=' ')\n{TEST}", "by whom"),
        (f"@pytest.mark.proves('AA_B', by=WHOM)\n{TEST}", "by whom"),
        (f"@pytest.mark.proves('AA_B', by=f'{{WHOM}}, 1')\n{TEST}", "by whom"),
        (f"WHOM = 'Euclid'\n@pytest.mark.proves('AA_B', by=WHOM)\n{TEST}", None),
        (f"WHOM = 'Euclid'\n@pytest.mark.proves('AA_B', by=f'{{WHOM}}, 1')\n{TEST}", None),
        (MARKED.replace("assert ", ""), "asserts nothing"),
        (f"@pytest.mark.search\n{MARKED}", "left out unless"),
        (f"@pytest.mark.skipif(True, reason='x')\n{MARKED}", "may be skipped"),
        (f"@pytest.mark.xfail\n{MARKED}", "may be skipped"),
        (f"here = pytest.mark.skipif(True, reason='x')\n@here\n{MARKED}", "may be skipped"),
        (f"{MARKED}    pytest.skip('x')\n", "may be skipped"),
        (f"{MARKED}    pytest.importorskip('x')\n", "may be skipped"),
        (f"pytestmark = pytest.mark.skip\n{MARKED}", "file that may be skipped"),
        (f"pytest.importorskip('x')\n{MARKED}", "file that may be skipped"),
        (f"VECTORS = Path() / 'shared' / 'vectors'\n{MARKED}", "'shared' beside the checkout"),
        ("@pytest.mark.proves('AA_B', by='Euclid')\ndef helper():\n    pass\n", "no test that pytest collects"),
        (f"pytestmark = [pytest.mark.proves('AA_B', by='Euclid')]\n{TEST}", "elsewhere than in the decorator"),
    ],
)
def test_a_proof_in_name_only_is_noticed(tmp_path, source, told):
    (tmp_path / "test_a.py").write_text(HEAD + source, "utf-8")
    found = proofs(tmp_path)
    wrong = faults(found, ["AA_B", "AA_C"], dict.fromkeys(("AA_B", "AA_C"), "nobody") if told else {"AA_C": "no"})
    wrong = [fault for fault in wrong if "listed as unverified" not in fault]
    assert (told is None and wrong == []) or (told is not None and any(told in fault for fault in wrong)), wrong


def test_a_mark_outside_of_a_test_file_proves_nothing(tmp_path):
    (tmp_path / "helpers.py").write_text(HEAD + MARKED, "utf-8")
    assert "no test that pytest collects" in proofs(tmp_path)[0].faults[0]


def test_the_table_has_a_row_for_each_proof():
    two = [
        Proof("test_px.py::test_a", ("PX_RET", "PX_MA"), "Euclid"),
        Proof("test_px.py::test_b", ("PX_RET",), "Gauss"),
    ]
    text = table(two, ["XLR_VERSION", "PX_RET", "PX_MA"], {"XLR_VERSION": "its own"})
    assert text.count("| `PX_RET` |") == 2
    assert "| `PX_MA` | `test_px.py::test_a` | Euclid |" in text
    assert "| `XLR_VERSION` | its own |" in text
    assert "3 functions, 2 of them" in text


RUN = """
    import pytest
    from xlrotation.functions.boundary.session import Session

    @pytest.mark.proves("VAL_PE", by="Euclid")
    def test_calls():
        assert Session("sample").call("VAL_PE", 6, 3) == 2

    @pytest.mark.proves("VAL_PE", by="Euclid")
    def test_calls_in_lower_case():
        assert Session("sample").call("val_pe", 6, 3) == 2

    @pytest.mark.proves("VAL_PE", "VAL_LEVEL", by="Euclid")
    def test_calls_one_of_two():
        assert Session("sample").call("VAL_PE", 6, 3) == 2

    @pytest.mark.proves("VAL_PE", by="Euclid")
    def test_calls_nothing():
        assert 6 / 3 == 2

    @pytest.mark.proves("VAL_PE", by="Euclid")
    def test_skips():
        Session("sample").call("VAL_PE", 6, 3)
        pytest.skip("no data")

    @pytest.mark.skipif(True, reason="never")
    @pytest.mark.proves("VAL_PE", by="Euclid")
    def test_is_skipped():
        assert Session("sample").call("VAL_PE", 6, 3) == 2

    def test_is_no_proof():
        pytest.skip("as it may")
"""


def test_a_proof_that_does_not_call_its_function_or_does_not_run_fails(pytester):
    pytester.makeini("[pytest]\nmarkers =\n    proves(*functions, by)")
    pytester.makeconftest("from tests.proofs.marked import pytest_runtest_call, pytest_runtest_makereport")
    pytester.makepyfile(textwrap.dedent(RUN))
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-rf")
    result.assert_outcomes(passed=2, failed=3, errors=1, skipped=1)
    told = result.stdout.str()
    assert "never calls VAL_LEVEL" in told
    assert "never calls VAL_PE" in told
    assert told.count("a proof must run everywhere") >= 2

"""Sectors as they were: of lists whose terms state them, and today's where they do not, which is told."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.conftest import FixedSource, panel_of
from tests.functions.desks import folder_desk, members
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.market.terms import Terms

PRICES = """Date,AAA,BBB,CCC
2026-02-10,10,20,5
2026-02-11,11,20,6
2026-02-12,10,21,7
2026-02-13,11,18,8
"""
# AAA went from Technology to Communication Services within the list, as META did in September 2018.
LISTS = """universe,symbol,from,to,sector
DESK,AAA,,2026-02-11,Technology
DESK,AAA,2026-02-12,,Communication Services
DESK,BBB,,,Technology
DESK,CCC,2026-02-11,,Energy
"""


@pytest.fixture
def folder(tmp_path):
    return lambda lists=LISTS: folder_desk(tmp_path, PRICES, lists)


def test_members_of_a_sector_are_those_of_the_date(folder):
    desk = folder()
    assert members(desk, "DESK:Technology", "2026-02-11") == ["AAA", "BBB"]
    assert members(desk, "DESK:Technology", "2026-02-12") == ["BBB"]
    assert members(desk, "DESK:Communication Services", "2026-02-11") is CellError.NA
    assert members(desk, "DESK:Communication Services") == ["AAA"]
    assert members(desk, "DESK:Energy", "2026-02-10") is CellError.NA
    assert desk.call("UNI_MEMBERS", "DESK", "2026-02-11", False)[0][2] == "Technology"
    assert desk.call("UNI_INFO", "AAA", False)[0][2] == "Communication Services"


def test_the_last_term_is_today_whatever_the_order_of_rows(folder):
    head, *rows = LISTS.splitlines()
    desk = folder("\n".join([head, *reversed(rows)]) + "\n")
    assert desk.call("UNI_INFO", "AAA", False)[0][2] == "Communication Services"
    assert members(desk, "DESK:Technology", "2026-02-11") == ["BBB", "AAA"]


def test_breadth_and_contributions_by_the_sectors_of_the_date(folder):
    desk = folder()
    then = desk.call("BRD_SECTORS", "ADVANCING", "DESK", "2026-02-11", None, False)
    assert [row[:3] for row in then] == [["Technology", "XLK", 2], ["Energy", "XLE", 1], ["all", "DESK", 3]]
    now = desk.call("BRD_SECTORS", "ADVANCING", "DESK", None, None, False)
    assert [row[1:3] for row in now] == [["XLK", 1], ["XLE", 1], ["XLC", 1], ["DESK", 3]]
    assert [row[3] for row in now] == [0.0, 1.0, 1.0, pytest.approx(2 / 3)]


def test_contributions_go_by_the_sectors_of_the_beginning():
    names = ("AAA", "BBB")
    shares = {"AAA": [1.0] * 3, "BBB": [1.0] * 3}
    panel = panel_of({"AAA": [10.0, 11, 12], "BBB": [10.0, 10, 9]}, shares=shares)
    never = np.datetime64("NaT", "D")
    terms = Terms(
        ("AAA", "AAA", "BBB"),
        np.array([never, panel.days[1], never], "datetime64[D]"),
        np.array([panel.days[0], never, never], "datetime64[D]"),
        np.empty(0, "datetime64[D]"),
        ("XLK", "XLC", "XLK"),
    )
    panel = dataclasses.replace(panel, universes={"DESK": names}, terms={"DESK": terms}, sectors={"AAA": "XLC"})
    session = Session(FixedSource(panel), lang="en")
    table = session.call("ROT_CONTRIB", "DESK", "2D", None, None, "sector", False)
    assert [row[1] for row in table[:-1]] == ["XLK"]
    table = session.call("ROT_CONTRIB", "DESK", "1D", None, None, "sector", False)
    assert sorted(row[1] for row in table[:-1]) == ["XLC", "XLK"]


@pytest.mark.parametrize(
    "formula",
    [
        ("BRD_SECTORS", "ADVANCING", "SP50", "2024-06-28"),
        ("UNI_MEMBERS", "SP50:Technology", "2024-06-28"),
        ("ROT_CONTRIB", "SP50", "2Y", None, 5, "SECTOR"),
    ],
)
def test_sectors_of_today_are_told_where_the_date_is_old(formula):
    session = Session("sample", lang="en")
    assert isinstance(session.call(*formula), list)
    assert any("has today's sectors of" in remark for remark in session.remarks), session.remarks
    session = Session("sample", lang="zh")
    session.call(*formula)
    assert any("今日的行业" in line[-1] for line in session.call("XLR_ERRORS")[1:])


def test_sectors_of_now_need_no_word():
    session = Session("sample", lang="en")
    assert isinstance(session.call("BRD_SECTORS", "ADVANCING", "SP50"), list)
    assert not any("today's sectors" in remark for remark in session.remarks)


@pytest.mark.parametrize("cut", ["2021-01-0", "20", "2021-0"])
@pytest.mark.parametrize("column", ["from", "to"])
def test_a_list_whose_last_day_is_cut_off_is_left_out(folder, cut, column):
    """A term without its first day would begin before everything: a member of all the years before it was one."""
    end = "," if column == "to" else ""
    rows = [f"DESK,AAA,{end}2021-01-04\n", f"DESK,BBB,{end}2021-01-04\n", f"DESK,CCC,{end}{cut}"]
    session = folder(f"universe,symbol,{'from,to' if column == 'to' else 'from'}\n" + "".join(rows))
    assert "DESK" not in session.panel.universes
    assert any("the lists are left out" in remark for remark in session.panel.remarks)


@pytest.mark.parametrize("cut", ["DE", "OTHER,CC"])
def test_a_list_whose_name_or_member_is_cut_off_leaves_all_out(folder, cut):
    session = folder("universe,symbol\nDESK,AAA\nDESK,BBB\nOTHER,CCC\n" + cut)
    assert not {"DESK", "OTHER"} & set(session.panel.universes)
    assert any("the lists are left out" in remark for remark in session.panel.remarks)


def test_a_list_without_a_last_line_end_counts_where_it_is_whole(folder):
    session = folder("universe,symbol\nDESK,AAA\nDESK,BBB")
    assert members(session, "DESK") == ["AAA", "BBB"]

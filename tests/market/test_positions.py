"""Commitments of traders as the Commission's files have them."""

import numpy as np
import pytest

from xlrotation.market import positions
from xlrotation.market.providers.folder.source import load

# Heads of the Commission's files, as its pages on historical compressed files list them; those of changes and shares
# between them are left out but for one each.
LEGACY = (
    '"Market and Exchange Names","As of Date in Form YYMMDD","As of Date in Form YYYY-MM-DD",'
    '"CFTC Contract Market Code","CFTC Market Code in Initials","Open Interest (All)",'
    '"Noncommercial Positions-Long (All)","Noncommercial Positions-Short (All)",'
    '"Noncommercial Positions-Spreading (All)","Commercial Positions-Long (All)","Commercial Positions-Short (All)",'
    '" Total Reportable Positions-Long (All)","Total Reportable Positions-Short (All)",'
    '"Nonreportable Positions-Long (All)","Nonreportable Positions-Short (All)","Open Interest (Old)",'
    '"Noncommercial Positions-Long (Old)","Change in Open Interest (All)","% of Open Interest (OI) (All)"'
)
# Report of 2024-05-14 and 2024-05-21, futures only: Euro short term rate, Chicago Mercantile Exchange.
ESTR = (
    '"EURO SHORT TERM RATE - CHICAGO MERCANTILE EXCHANGE",240514,2024-05-14,047745,"CME ",47349,10037,7602,10216,'
    "27093,29520,47346,47338,3,11,0,0,4838,100.0",
    '"EURO SHORT TERM RATE - CHICAGO MERCANTILE EXCHANGE",240521,2024-05-21,047745,"CME ",53924,12725,6191,14301,'
    "26894,33397,53920,53889,4,35,0,0,6575,100.0",
)
TFF = (
    "Market_and_Exchange_Names,As_of_Date_In_Form_YYMMDD,Report_Date_as_YYYY-MM-DD,CFTC_Contract_Market_Code,"
    "Open_Interest_All,Dealer_Positions_Long_All,Dealer_Positions_Short_All,Dealer_Positions_Spread_All,"
    "Asset_Mgr_Positions_Long_All,Asset_Mgr_Positions_Short_All,Asset_Mgr_Positions_Spread_All,"
    "Lev_Money_Positions_Long_All,Lev_Money_Positions_Short_All,Lev_Money_Positions_Spread_All,"
    "Other_Rept_Positions_Long_All,Other_Rept_Positions_Short_All,Other_Rept_Positions_Spread_All,"
    "Tot_Rept_Positions_Long_All,Tot_Rept_Positions_Short_All,NonRept_Positions_Long_All,NonRept_Positions_Short_All,"
    "Change_in_Open_Interest_All,FutOnly_or_Combined"
)
# Canadian dollar, futures and options, 2024-05-21.
CAD = (
    "CANADIAN DOLLAR - CHICAGO MERCANTILE EXCHANGE,240521,2024-05-21,090741,247069,121230,5270,3644,44224,114773,5225,"
    "13111,71434,12473,15553,2632,640,216100,216091,30970,30980,12997,Combined"
)


def at(folder, name, *lines):
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load(folder)


def test_the_legacy_report(tmp_path):
    panel = at(tmp_path, "annual.txt", LEGACY, *ESTR)
    assert not panel.remarks
    held = {name.removeprefix("COT:LEGACY:047745:"): values.tolist() for name, (_, values) in panel.series.items()}
    assert held == {
        "OI": [47349, 53924],
        "NONCOMM_LONG": [10037, 12725],
        "NONCOMM_SHORT": [7602, 6191],
        "NONCOMM_SPREAD": [10216, 14301],
        "COMM_LONG": [27093, 26894],
        "COMM_SHORT": [29520, 33397],
        "NONREPT_LONG": [3, 4],
        "NONREPT_SHORT": [11, 35],
    }
    assert panel.series["COT:LEGACY:047745:OI"][0].astype(str).tolist() == ["2024-05-14", "2024-05-21"]
    assert (panel.readings[0].layout, panel.readings[0].symbols) == ("positions", ("COT:LEGACY:047745",))


def test_a_report_with_options_is_another(tmp_path):
    panel = at(tmp_path, "FinComYY.txt", TFF, CAD)
    assert panel.series["COT:TFF_ALL:090741:LEV_MONEY_SHORT"][1].tolist() == [71434]
    assert "COT:TFF:090741:OI" not in panel.series
    panel = at(tmp_path, "annualof.txt", LEGACY, *ESTR)
    assert panel.series["COT:LEGACY_ALL:047745:OI"][1].tolist() == [47349, 53924]


def test_the_disaggregated_report(tmp_path):
    groups = ("Prod_Merc", "Swap_", "M_Money", "Other_Rept", "NonRept")
    heads, cells = [], []
    for place, group in enumerate(groups):
        for side in ("Long", "Short", "Spread"):
            if side == "Spread" and group in ("Prod_Merc", "NonRept"):
                continue
            heads.append(f"{group if side != 'Long' else group.rstrip('_')}_Positions_{side}_All")
            cells.append(10 * (place + 1) if side != "Spread" else place)
    names = "Market_and_Exchange_Names,Report_Date_as_YYYY-MM-DD,CFTC_Contract_Market_Code,Open_Interest_All,"
    total = sum(10 * (place + 1) for place in range(5)) + 1 + 2 + 3
    panel = at(
        *(tmp_path, "f_year.txt", f"{names}{','.join(heads)},FutOnly_or_Combined"),
        f"GOLD - COMMODITY EXCHANGE INC.,2024-05-21,088691,{total},{','.join(map(str, cells))},FutOnly",
    )
    assert not panel.remarks
    held = {name.rsplit(":", 1)[1]: values.tolist()[0] for name, (_, values) in panel.series.items()}
    assert (held["OI"], held["SWAP_SHORT"], held["SWAP_SPREAD"], held["M_MONEY_LONG"]) == (156, 20, 1, 30)
    assert all(name.startswith("COT:DISAGG:088691:") for name in panel.series)


def test_the_public_interface_spells_it_otherwise(tmp_path):
    heads = "id,market_and_exchange_names,report_date_as_yyyy_mm_dd,cftc_contract_market_code,open_interest_all,"
    heads += "noncomm_positions_long_all,noncomm_positions_short_all,noncomm_postions_spread_all,"
    heads += "comm_positions_long_all,comm_positions_short_all,nonrept_positions_long_all,nonrept_positions_short_all,"
    heads += "futonly_or_combined"
    row = '"240521047745F","EURO SHORT TERM RATE - CME",2024-05-21T00:00:00.000,"047745",53924,12725,6191,14301,26894,'
    panel = at(tmp_path, "export.csv", heads, f"{row}33397,4,35,FutOnly")
    assert panel.series["COT:LEGACY:047745:NONCOMM_SPREAD"][1].tolist() == [14301]
    assert panel.series["COT:LEGACY:047745:OI"][0].astype(str).tolist() == ["2024-05-21"]


def test_files_of_several_years_are_one_series(tmp_path):
    at(tmp_path, "annual_a.txt", LEGACY, ESTR[0])
    panel = at(tmp_path, "annual_b.txt", LEGACY, ESTR[1])
    assert panel.series["COT:LEGACY:047745:OI"][1].tolist() == [47349, 53924]
    panel = at(tmp_path, "annual_c.txt", LEGACY, ESTR[1].replace("12725,6191", "12726,6190").replace("14301", "14300"))
    assert panel.series["COT:LEGACY:047745:NONCOMM_LONG"][1].tolist() == [10037, 12725]
    assert any("is another on 1 day than in an earlier file" in remark for remark in panel.remarks)


def test_codes_are_no_numbers(tmp_path):
    vix = (
        '"VIX FUTURES - CBOE FUTURES EXCHANGE",240521,2024-05-21,1170E1,"CFE ",110,50,30,10,30,50,90,90,20,20,0,0,1,100'
    )
    panel = at(tmp_path, "annual.txt", LEGACY, vix)
    assert panel.series["COT:LEGACY:1170E1:OI"][1].tolist() == [110]
    many = [vix.replace('"', "").replace("2024-05-21", f"{1990 + n // 12}-{1 + n % 12:02}-21") for n in range(400)]
    (tmp_path / "annual.txt").unlink()
    panel = at(tmp_path, "deacot.txt", LEGACY.replace('"', ""), *many)  # large enough to be read by columns
    assert len(panel.series["COT:LEGACY:1170E1:OI"][0]) == 400
    assert {name.split(":")[2] for name in panel.series} == {"1170E1"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("6191", "6591"), "row 3 left out: groups of traders do not add up to the open interest"),
        (("047745", "EURO"), "left out: no code of a market under CFTC Contract Market Code"),
        (("Noncommercial Positions-Spreading (All)", "Spreads"), "of legacy it lacks NONCOMM_SPREAD"),
        (("CFTC Contract Market Code", "Code"), "without a column CFTC_CONTRACT_MARKET_CODE"),
        (("53924", "many"), "row 3, column Open Interest (All): 'many' is no number"),
    ],
)
def test_what_cannot_be_right_is_left_out_and_told(tmp_path, change, told):
    (tmp_path / "DFF.csv").write_text("DATE,DFF\n2024-05-20,5.3\n2024-05-21,5.3\n", encoding="utf-8")
    panel = at(tmp_path, "annual.txt", *(line.replace(*change) for line in (LEGACY, *ESTR)))
    assert any(told in remark for remark in panel.remarks), panel.remarks
    assert "2024-05-21" not in {
        str(day) for name, (days, _) in panel.series.items() if name.startswith("COT:") for day in days
    }


def test_a_week_without_heads_is_refused(tmp_path):
    (tmp_path / "DFF.csv").write_text("DATE,DFF\n2024-05-20,5.3\n2024-05-21,5.3\n", encoding="utf-8")
    row = ESTR[1] + ",1,2,3,4,5,6,7,8"
    panel = at(tmp_path, "deafut.txt", row, row)
    assert any("deafut.txt, row 1: a report on commitments of traders without heads" in r for r in panel.remarks)


def test_a_file_that_does_not_say_whether_options_are_in_it(tmp_path):
    panel = at(tmp_path, "mine.csv", LEGACY, *ESTR)
    assert panel.series["COT:LEGACY:047745:OI"][1].tolist() == [47349, 53924]
    assert "taken as futures only" in panel.remarks[0]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("es", "13874A"),
        ("S&P 500", "13874A"),
        ("13874a", "13874A"),
        ("88691", "088691"),
        ("vx", "1170E1"),
        ("zzz", None),
    ],
)
def test_markets_by_what_they_are_called(text, code):
    assert positions.code_of(text) == code


def test_the_sample_adds_up(sample):
    for report in ("LEGACY", "TFF"):
        values = {
            field: sample.panel.series[positions.key(report, "13874A", field)][1] for field in positions.fields(report)
        }
        assert not positions.unbalanced(report, values).any()
        assert len(values["OI"]) == 163
        assert all(np.isfinite(column).all() and (column >= 0).all() for column in values.values())

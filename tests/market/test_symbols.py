import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlrotation.errors import NoData
from xlrotation.market import symbols, universes


@pytest.mark.parametrize(
    ("text", "ticker"),
    [
        *(("SPX", "^GSPC"), ("rut", "^RUT"), ("^vix", "^VIX"), ("罗素2000", "^RUT"), ("Russell 2000", "^RUT")),
        *(("科技", "XLK"), ("信息技术", "XLK"), ("Technology", "XLK"), ("公用事业", "XLU"), ("必需消费品", "XLP")),
        *(
            ("基础材料", "XLB"),
            (" s&p  500 ", "^GSPC"),
            ("ＳＰＸ", "^GSPC"),
            ("brk.b", "BRK-B"),
            ("SPX Index", "^GSPC"),
        ),
    ],
)
def test_ways_to_name_a_symbol(text, ticker):
    assert symbols.resolve(text, {ticker: 0, "QQQ": 1}) == ticker


def test_no_text_means_two_symbols():
    seen = {}
    for name in symbols.NAMES:
        for text in (name.ticker, name.english, name.chinese, *name.aliases):
            assert seen.setdefault(symbols.fold(text), name.ticker) == name.ticker, text


def test_unknown_symbols_say_what_is_near():
    with pytest.raises(NoData, match="did you mean XLK"):
        symbols.resolve("XLKK", {"XLK": 0})
    with pytest.raises(NoData, match=r"hold no \^RUT"):
        symbols.resolve("RUT", {"XLK": 0})


@given(st.text(max_size=15))
def test_any_text_is_a_symbol_or_no_data(text):
    try:
        assert symbols.resolve(text, {"XLK": 0}) == "XLK"
    except NoData as error:
        error.message.encode("utf-8")  # can be printed


def test_universes():
    assert universes.find_universe("mag7", {})[1] == universes.MAG7
    assert universes.find_universe("七巨头", {})[0] == "MAG7"
    assert universes.find_universe("XLK", {}) is None
    assert universes.members_of("SP500", {"SP500": ("AAPL",)}) == ("AAPL",)
    with pytest.raises(NoData, match="SECTORS"):
        universes.members_of("SP501", {})
    assert len(universes.SECTORS) == 11
    assert len(set(universes.SP50)) == 50
    assert set(universes.MAG7) < set(universes.SP50)

"""Indices of other countries, which no workbook asks for, by what files and analysts call them."""

from __future__ import annotations

NAMES = {
    "^GDAXI": "DAX|DAX 40|DAX 30|DAX40|DAX Index|DAX Performance-Index|Germany 40|德国DAX|德国DAX指数|DAX指数|.GDAXI",
    "^FCHI": "CAC 40|CAC40|CAC Index|France 40|法国CAC40|法国CAC40指数|.FCHI",
    "^FTSE": "FTSE|FTSE 100|FTSE100|UKX|UKX Index|UK 100|英国富时100|富时100|富时100指数|.FTSE",
    "^STOXX50E": "Euro Stoxx 50|EuroStoxx 50|Stoxx 50|SX5E|SX5E Index|欧洲斯托克50|.STOXX50E",
    "^STOXX": "Stoxx 600|Stoxx Europe 600|SXXP|SXXP Index|欧洲斯托克600|.STOXX",
    "^SSMI": "SMI|SMI Index|Switzerland 20|瑞士SMI|.SSMI",
    "^IBEX": "IBEX|IBEX 35|IBEX35|西班牙IBEX35|.IBEX",
    "^AEX": "AEX|AEX Index|荷兰AEX|.AEX",
    "^N225": "Nikkei|Nikkei 225|nikkei_stock_average|Nikkei225|NKY|NKY Index|Japan 225|N225|"
    "日经225|日经225指数|日経平均|日経平均株価|日経225|.N225",
    "^TOPX": "TOPIX|TPX Index|东证指数|東証株価指数|.TOPX",
    "^HSI": "HSI|HSI Index|Hang Seng|Hang Seng Index|恒生指数|恒指|.HSI",
    "^TWII": "TWSE|TAIEX|TWSE Index|台湾加权指数|台湾加权|加权指数|加權指數|.TWII",
    "^KS11": "KOSPI|KOSPI Index|韩国综合指数|코스피|코스피지수|.KS11",
    "^NSEI": "Nifty|Nifty 50|NIFTY50|NIFTY Index|印度Nifty50|.NSEI",
    "^BSESN": "Sensex|BSE Sensex|BSE Sensex 30|SENSEX Index|孟买Sensex30|.BSESN",
    "^BVSP": "Ibovespa|Bovespa|IBOV|IBOV Index|巴西IBOVESPA|.BVSP",
    "^GSPTSE": "S&P/TSX|S&P/TSX Composite|SPTSX Index|加拿大S&P/TSX|.GSPTSE",
    "^AXJO": "S&P/ASX 200|ASX 200|AS51 Index|澳洲S&P/ASX200|.AXJO",
}
"""Names by ticker, a stroke between them; none that is the ticker of a company in New York, as CAC is."""

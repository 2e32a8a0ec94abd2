"""Sectors abroad: what stands for them at the usual sources, with their names in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

Names = Mapping[str, tuple[str, str]]

STOXX600: Names = {
    "EXV1.DE": ("Banks", "银行"),
    "EXV2.DE": ("Telecommunications", "电信"),
    "EXV3.DE": ("Technology", "科技"),
    "EXV4.DE": ("Health Care", "医疗保健"),
    "EXV5.DE": ("Automobiles & Parts", "汽车及零部件"),
    "EXV6.DE": ("Basic Resources", "基础资源"),
    "EXV7.DE": ("Chemicals", "化工"),
    "EXV8.DE": ("Construction & Materials", "建筑与材料"),
    "EXV9.DE": ("Travel & Leisure", "旅游与休闲"),
    "EXH1.DE": ("Oil & Gas", "石油与天然气"),
    "EXH2.DE": ("Financial Services", "金融服务"),
    "EXH3.DE": ("Food & Beverage", "食品与饮料"),
    "EXH4.DE": ("Industrial Goods & Services", "工业产品与服务"),
    "EXH5.DE": ("Insurance", "保险"),
    "EXH6.DE": ("Media", "媒体"),
    "EXH7.DE": ("Personal & Household Goods", "个人与家庭用品"),
    "EXH8.DE": ("Retail", "零售"),
    "EXH9.DE": ("Utilities", "公用事业"),
    "EXI5.DE": ("Real Estate", "房地产"),
}
"""The iShares funds on the nineteen sectors of the STOXX Europe 600, on Xetra."""

TOPIX17: Names = {
    "1617.T": ("Foods", "食品"),
    "1618.T": ("Energy Resources", "能源资源"),
    "1619.T": ("Construction & Materials", "建筑与材料"),
    "1620.T": ("Raw Materials & Chemicals", "原材料与化学"),
    "1621.T": ("Pharmaceutical", "医药"),
    "1622.T": ("Automobiles & Transportation Equipment", "汽车与运输设备"),
    "1623.T": ("Steel & Nonferrous Metals", "钢铁与有色金属"),
    "1624.T": ("Machinery", "机械"),
    "1625.T": ("Electric Appliances & Precision Instruments", "电器与精密仪器"),
    "1626.T": ("IT & Services, Others", "信息通信与服务等"),
    "1627.T": ("Electric Power & Gas", "电力与燃气"),
    "1628.T": ("Transportation & Logistics", "运输与物流"),
    "1629.T": ("Commercial & Wholesale Trade", "商社与批发"),
    "1630.T": ("Retail Trade", "零售"),
    "1631.T": ("Banks", "银行"),
    "1632.T": ("Financials (ex Banks)", "金融(除银行)"),
    "1633.T": ("Real Estate", "房地产"),
}
"""The NEXT FUNDS on the seventeen sectors of TOPIX-17, in Tokyo."""

HANG_SENG: Names = {
    "^HSNF": ("Finance", "金融"),
    "^HSNU": ("Utilities", "公用事业"),
    "^HSNP": ("Properties", "地产"),
    "^HSNC": ("Commerce & Industry", "工商业"),
}
"""The four sub-indices of the Hang Seng."""

CSI300: Names = {
    "000908.SS": ("Energy", "能源"),
    "000909.SS": ("Materials", "原材料"),
    "000910.SS": ("Industrials", "工业"),
    "000911.SS": ("Consumer Discretionary", "可选消费"),
    "000912.SS": ("Consumer Staples", "主要消费"),
    "000913.SS": ("Health Care", "医药卫生"),
    "000914.SS": ("Financials", "金融"),
    "000915.SS": ("Information Technology", "信息技术"),
    "000916.SS": ("Communication Services", "通信服务"),
    "000917.SS": ("Utilities", "公用事业"),
}
"""The ten sector indices of the CSI 300, by their codes in Shanghai."""

NAMES: Names = {**STOXX600, **TOPIX17, **HANG_SENG, **CSI300}

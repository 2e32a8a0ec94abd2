"""Texts as names, tickers and heads are compared: width, case, spaces and old characters make no difference."""

from __future__ import annotations

import functools
import unicodedata

_LONGEST = 40
"""Characters of a text beyond which it is not kept."""


def fold(text: str) -> str:
    """*text* as compared: width, case and outer or repeated spaces make no difference."""
    return _fold(text) if len(text) <= _LONGEST else _fold.__wrapped__(text)


@functools.lru_cache(maxsize=16_384)
def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


_TRADITIONAL = str.maketrans(
    "標準羅納達綜數瓊業動場債優價長選費務產療醫訊術電發興國銀體導軟輝偉亞馬遜蘋爾維薩強寶潔樂臉書飛開機億萬關點樣權總報環應異隱離險類資"
    "鋼鐵錢銷陽陳雜雙頂項須頻題顯驗龍齊麥黨魚鳥訂計記設證詢試話認識讓變財貨貿買賣貝責貴賀賽質購贏車軌軍轉輪輸農運過還邊遠適遺郵鄉釋針鈔鋒鏈"
    "閃問間際陸隊隨難雲靜韓頁順預領額風館駐騰驅盤漲開終滬證創業現約紐紡紅級納細組結給絡統絲經綠網緣線縮績繼續聯聲職聰職腦臨舉舊莊華葉衛裝見規視覺觀",
    "标准罗纳达综数琼业动场债优价长选费务产疗医讯术电发兴国银体导软辉伟亚马逊苹尔维萨强宝洁乐脸书飞开机亿万关点样权总报环应异隐离险类资"
    "钢铁钱销阳陈杂双顶项须频题显验龙齐麦党鱼鸟订计记设证询试话认识让变财货贸买卖贝责贵贺赛质购赢车轨军转轮输农运过还边远适遗邮乡释针钞锋链"
    "闪问间际陆队随难云静韩页顺预领额风馆驻腾驱盘涨开终沪证创业现约纽纺红级纳细组结给络统丝经绿网缘线缩绩继续联声职聪职脑临举旧庄华叶卫装见规视觉观",
)
"""Traditional characters of names, and the simplified ones that the table has."""


def folded(text: str) -> str:
    """*text* as names and heads are compared: as :func:`fold`, and traditional characters as simplified ones."""
    found = fold(text)
    return found if found.isascii() else found.translate(_TRADITIONAL)

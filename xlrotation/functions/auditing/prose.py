"""A text made ready to be read: one length for original and plain form, cut into sentences and rows of tables.

The plain form has small letters, narrow digits and signs and simplified characters, and every character stands where
the original has its own, so that a place found in one is a place in the other.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from xlrotation.market.symbols import folded

LONGEST = 100_000
"""Characters that are read; a report of thirty pages has fewer."""

_FURTHER = str.maketrans(
    "積費輯寫隨斷緊緩競鎖銅鋁鉛鋅錫鎳輛軋貶賬賠賺贈贊贖賴趕趨躍輕載辦遞遲邁郵釋鈷鋰鑽閉閱闊闢陣際隸雖雞離電霧靈頓"
    "頗顆顧顫飆飢飯飲飼飽餅餘馳駕駛駱騙騷驟鬆鬥魯鮮鯨鴻麗黃龐纔層屆屬島嶄廠廣廢廳張彈彙徵徹恆悅慘態慣慮憂戲戶擁擇"
    "擊擔據擬擴攜敵斂極構槍標樞樓檢權歐殺殘毀氣決沒況洩淨淺減渦測湊滅滯漸潛澤濃濟濤濫灣災烏爐爭爾牽獎獨獲現環產畢"
    "畫異疊痠發皺監盤眾睏矚確禮禪稅穀穩窮竄筆節範築簡簽籌籃糧紀納純紙紛終組細統絕給緒緬緯練縱總績織繳繫續罰羅義習"
    "聖聞聽肅脅脫臉臨舊艦艙蓋藍藥蘇虛號蝕衝衛補製複見規覓覽覺觸計訊討訓託記設訪訴評詢詳誇誌語誤說課調談請諾謀講證"
    "識譜議護讀變讓貢財貧貨販貫貴買貼貿賀資賓賞賢賣賦質賭購賽贏趙車軌軍軟較輔輸轄轉農連進遊運過達違遙選遺還邊鄭鄰"
    "醜醫釀鈔針鈕鋪錄錯錶鍋鍵鎮鏡鐘長門閃開閒間閘閣闆關陰陳陸陽隊階隱雙難雲靜頁頂項順須預領頭頻題額顏願類風飛館馬"
    "駐驗驚體點黨齊齒龍龜個週漲聯後與為於佔將這幾隻檔勝敗報當創國從來對歲內時鐵戰滬臺億萬兩勢場應該處單幣跡歷無實"
    "強區瑪奧盧嬌萊銳駿鷹樺凱倫蘭貸劃虧僅則卻併營辭儲會揚壓撐轟劇勁種顯搶拋礦線圍圓園團圖塊墜壞夢奪妝媽孫學寧導專"
    "尋屜帥帶幫廚廟彎彌彥徑悶惡愛慶憑憲懷懸戀換損搖搗攔攝斃晉暈暫術朧東榮樸橋櫃歡歸殼氫氬沖涼淚淵滾滿漁漿潑澀瀏瀾"
    "灑燈燒爛爺牆狀獅獻瑣瓊甌疇療瘋皚盜盡矽硯碼磚禍稱穌窩箏簾籠紅級紋紐紗紡絆結絡絲綁經綠維綱網綴綵綺綻緝緞締緣編"
    "緻縈縛縣縫縮縷繃繞繡繩繪繼纏纖纜",
    "积费辑写随断紧缓竞锁铜铝铅锌锡镍辆轧贬账赔赚赠赞赎赖赶趋跃轻载办递迟迈邮释钴锂钻闭阅阔辟阵际隶虽鸡离电雾灵顿"
    "颇颗顾颤飙饥饭饮饲饱饼余驰驾驶骆骗骚骤松斗鲁鲜鲸鸿丽黄庞才层届属岛崭厂广废厅张弹汇征彻恒悦惨态惯虑忧戏户拥择"
    "击担据拟扩携敌敛极构枪标枢楼检权欧杀残毁气决没况泄净浅减涡测凑灭滞渐潜泽浓济涛滥湾灾乌炉争尔牵奖独获现环产毕"
    "画异叠酸发皱监盘众困瞩确礼禅税谷稳穷窜笔节范筑简签筹篮粮纪纳纯纸纷终组细统绝给绪缅纬练纵总绩织缴系续罚罗义习"
    "圣闻听肃胁脱脸临旧舰舱盖蓝药苏虚号蚀冲卫补制复见规觅览觉触计讯讨训托记设访诉评询详夸志语误说课调谈请诺谋讲证"
    "识谱议护读变让贡财贫货贩贯贵买贴贸贺资宾赏贤卖赋质赌购赛赢赵车轨军软较辅输辖转农连进游运过达违遥选遗还边郑邻"
    "丑医酿钞针钮铺录错表锅键镇镜钟长门闪开闲间闸阁板关阴陈陆阳队阶隐双难云静页顶项顺须预领头频题额颜愿类风飞馆马"
    "驻验惊体点党齐齿龙龟个周涨联后与为于占将这几只档胜败报当创国从来对岁内时铁战沪台亿万两势场应该处单币迹历无实"
    "强区玛奥卢娇莱锐骏鹰桦凯伦兰贷划亏仅则却并营辞储会扬压撑轰剧劲种显抢抛矿线围圆园团图块坠坏梦夺妆妈孙学宁导专"
    "寻屉帅带帮厨庙弯弥彦径闷恶爱庆凭宪怀悬恋换损摇捣拦摄毙晋晕暂术胧东荣朴桥柜欢归壳氢氩冲凉泪渊滚满渔浆泼涩浏澜"
    "洒灯烧烂爷墙状狮献琐琼瓯畴疗疯皑盗尽硅砚码砖祸称稣窝筝帘笼红级纹纽纱纺绊结络丝绑经绿维纲网缀彩绮绽缉缎缔缘编"
    "致萦缚县缝缩缕绷绕绣绳绘继缠纤缆",
)
"""Traditional characters that names do not have, but reports do."""

_SIGNS = {
    **dict.fromkeys("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳❶❷❸❹❺❻❼❽❾❿", "•"),
    "−": "-",
    "–": "-",
    "‐": "-",
    "‑": "-",
    "‒": "-",
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "〜": "~",
    "∼": "~",
    "\u3000": " ",
    "\xa0": " ",
    "\u202f": " ",
    "\u2009": " ",
}


class _Plain(dict[int, int]):
    """The plain character of each, worked out when it is first met."""

    def __missing__(self, code: int) -> int:
        character = chr(code)
        plain = _SIGNS.get(character) or folded(character).translate(_FURTHER)
        found = ord(plain) if len(plain) == 1 else code
        self[code] = found
        return found


@functools.cache
def _table() -> _Plain:
    return _Plain()


_ENDLESS = re.compile(r"\d{20,}|([^\w\s])\1{40,}|(\w)\2{60,}|[\d.,:/+-]{80,}", re.ASCII)
"""What no report has: such runs are read as nothing, so that they cost nothing."""


def plain(text: str) -> str:
    """*text* in its plain form, of the same length."""
    return _ENDLESS.sub(lambda run: " " * len(run[0]), text.translate(_table()))


_GAPS = re.compile(
    r"(?<=\d) (?=万?亿|[万千百兆个点倍年月日号天周家只起股]|美元|基点|百分点|交易日|多|余|左右)|(?<=[一-鿿]) (?=\d)"
)
_IN_PROSE = re.compile(r"[,。;、!?]")
_LONG_LINE = 40


def squeezed(text: str) -> tuple[str, list[int] | None]:
    """Plain *text* without the blanks that some set between Chinese characters and digits; the place of each character.

    The columns of tables keep theirs. The places are None where nothing was left out.
    """
    gone = bytearray(len(text))
    for start, end in _lines(text):
        line = text[start:end]
        prose = _is_prose(line)
        for match in _GAPS.finditer(line):
            if prose or line[match.start() - 1].isdigit():
                gone[start + match.start()] = 1
    if not any(gone):
        return text, None
    places = [place for place in range(len(text)) if not gone[place]]
    return "".join([text[place] for place in places]), [*places, len(text)]


def _is_prose(line: str) -> bool:
    """Whether a line is prose and no row or head of a table."""
    return (_IN_PROSE.search(line) is not None or len(line) > _LONG_LINE) and not is_row(line) and not is_spaced(line)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of the text that is read as one.

    Attributes:
        start: Its first place.
        end: The place behind it.
        row: Whether it is a row of a table.
        paragraph: Number of its paragraph.
    """

    start: int
    end: int
    row: bool
    paragraph: int


_ABBREVIATED = re.compile(
    r"(?:\b(?:u\.s|u\.k|inc|corp|co|ltd|vs|no|st|mr|ms|dr|a\.m|p\.m|jan|feb|mar|apr|jun|jul|aug|sept?|oct"
    r"|nov|dec|approx|pct|p|e\.g|i\.e|[a-z]))$",
    re.ASCII,
)
_BULLET = re.compile(
    r"\s*(?:[-*•·▪■●◦–>]\s|\d{1,2}[.、)]\s?|\(\d{1,2}\)|[|#]|注\d|[(（][一二三四五六七八九十]+[)）]"
    r"|[一二三四五六七八九十]+、)",
    re.ASCII,
)
_JOINED = re.compile(r"\s*[\d+\-$%,.;:)(a-z。、,!?]", re.ASCII)
_LISTED = re.compile(r"\s*[^\s\d,。;:][^\n,。;:]{0,30}?[\s:]+[+\-]?\d[\d.,]{0,12}%", re.ASCII)
"""A line of a list: a name, and a value in per cent behind it."""
_STOP = re.compile(r"[。!?](?:[\"')\]]*)|\.(?=[\"')\]]*(?:\s|$|\[))[\"')\]]*", re.ASCII)
_TERMINAL = ("。", ".", "!", "?", ":", ";", '"')


_VALUE = re.compile(r"[(+\-]?\$?\d[\d,]*(?:\.\d+)?%?\)?")


def is_row(line: str) -> bool:
    """Whether a line of plain text is a row of a table by its marks."""
    return line.count("|") >= 2 or line.count("\t") >= 2


def is_spaced(line: str) -> bool:
    """Whether a line is a row by its numbers: two at least stand alone at its end."""
    parts = line.split()
    values = [bool(_VALUE.fullmatch(part)) for part in parts]
    return sum(values) >= 2 and all(values[-2:]) and len(parts) - sum(values) <= 6 and not _VALUE.fullmatch(parts[0])


def sentences(text: str, original: str) -> list[Sentence]:
    """The sentences and rows of a plain *text*, in order; capitals are those of the *original*."""
    found: list[Sentence] = []
    paragraph = 0
    begun: int | None = None
    lines = _lines(text)
    for place, (start, end) in enumerate(lines):
        line = text[start:end]
        if not line.strip():
            if begun is not None and _goes_on(text, lines, place, original):
                continue
            _close(text, begun, start, paragraph, found)
            begun = None
            paragraph += 1
            continue
        after = text[slice(*lines[place + 1])] if place + 1 < len(lines) else ""
        if (
            is_row(line)
            or is_spaced(line)
            or (
                is_spaced(after)
                and not _STOP.search(line.rstrip() + " ")
                and not is_row(after)
                and len(line.split()) > 2
            )
        ):
            _close(text, begun, start, paragraph, found)
            begun = None
            _add(text, start, end, paragraph, found, True)
            continue
        begun = start if begun is None else begun
        if not after.strip() and _goes_on(text, lines, place + 1, original):
            continue
        if _ends(line, after, original[end : end + len(after)]):
            _close(text, begun, end, paragraph, found)
            begun = None
            paragraph += len(line) > _SHORT_LINE
    _close(text, begun, len(text), paragraph, found)
    return found


_SHORT_LINE = 120
"""Characters of a line beyond which it is a paragraph of its own."""


_OPEN_END = re.compile(
    r"(?:[的了达为约至超跌涨于近逾]|\b(?:of|by|to|at|about|nearly|almost|rose|fell|gained|lost|up|down|than|a|the|its))$",
    re.ASCII,
)
"""What a line ends with that is not yet a sentence."""


def _goes_on(text: str, lines: list[tuple[int, int]], place: int, original: str) -> bool:
    """Whether a blank line stands inside a sentence: a number that was set apart in bold comes behind it."""
    before = text[slice(*lines[place - 1])].rstrip() if place else ""
    after = next(
        (lines[k] for k in range(place + 1, min(place + 3, len(lines))) if text[slice(*lines[k])].strip()), None
    )
    if after is None or not _OPEN_END.search(before):
        return False
    return re.match(r"\s*[+\-$(]?\d[\d.,]*\s?(?:%|[一-鿿])(?<!年)(?<!月)", original[slice(*after)]) is not None


def _lines(text: str) -> list[tuple[int, int]]:
    lines, start = [], 0
    for line in text.splitlines(keepends=True):
        lines.append((start, start + len(line)))
        start += len(line)
    return lines


def _ends(line: str, after: str, written: str) -> bool:
    """Whether a line ends what it says: wrapped lines of prose, and numbers cut out of a line, do not."""
    bare = line.rstrip()
    if not after.strip() or is_row(after) or _BULLET.match(after) or (_LISTED.match(after) and _LISTED.match(line)):
        return True
    if bare.endswith((",", "、")):
        return False
    if bare.endswith(_TERMINAL):
        return True
    if _JOINED.match(written):
        return False
    return len(bare) <= (30 if re.search(r"[一-鿿]", bare) else 60)


def _close(text: str, begun: int | None, end: int, paragraph: int, found: list[Sentence]) -> None:
    """Cut what was begun into sentences."""
    if begun is None:
        return
    start = begun
    for stop in _STOP.finditer(text, begun, end):
        if text[stop.start()] == "." and _ABBREVIATED.search(text, max(begun, stop.start() - 8), stop.start()):
            continue
        if text[stop.start()] == "." and re.fullmatch(r"\s*\d{1,2}", text[start : stop.start()]):
            continue  # the number of a list is no sentence
        _add(text, start, stop.end(), paragraph, found)
        start = stop.end()
    _add(text, start, end, paragraph, found)


_LONGEST_SENTENCE = 800


def _add(text: str, start: int, end: int, paragraph: int, found: list[Sentence], row: bool = False) -> None:
    """Add a sentence; one that is longer than any is cut, so that its figures are read in bounded time."""
    while end - start > _LONGEST_SENTENCE:
        cut = max(text.rfind(mark, start + 1, start + _LONGEST_SENTENCE) for mark in (" ", ",", "|"))
        cut = cut + 1 if cut > start else start + _LONGEST_SENTENCE
        found.append(Sentence(start, cut, row, paragraph))
        start = cut
    if text[start:end].strip():
        found.append(Sentence(start, end, row, paragraph))

"""The words that give a figure its sign, its measure or its standing."""

from __future__ import annotations

import re

UP = re.compile(
    r"\b(?:rose|rises?|rising|gain(?:s|ed|ing)?|climb(?:s|ed|ing)?|jump(?:s|ed)?|surg(?:e|es|ed|ing)"
    r"|soar(?:s|ed)?|advanc(?:e|es|ed|ing)|add(?:s|ed|ing)|up|upside|higher|leap(?:s|ed|t)?"
    r"|rall(?:y|ies|ied)|vault(?:s|ed)|rocket(?:s|ed)|skyrocket(?:s|ed)|zoom(?:s|ed)|(?:pick|inch|notch)ed up"
    r"|tacked on|put on|to the good|in the (?:green|black)"
    r"|spik(?:e|ed|es)|increas(?:e|es|ed)|grew|tick(?:ed)? up|return(?:ed)?|(?:snapp|bounc"
    r"|spr[aiu]ng|com|cam|claw|storm)e?(?:ed)? back|recover(?:s|ed)?|rebound(?:s"
    r"|ed)?|above|ahead|edged up|firmed|popped|bounced|appreciat\w+|strengthened|outperform\w*|outpac\w+"
    r"|beat|led|leads?|lead)\b"
    r"|(?:上|大|微|暴|收|飙|劲|普|齐|仅|逆势|领|续|累)?涨(?!跌)|[上回攀飙跃爬急]升|升(?=$|\d|幅|至|逾|约|了"
    r"|近|超)|微升|走[高强]|收高|高出|弹高|弹升|抽升|扬升|反弹|增(?:长|加"
    r"|至)?(?=$|\d|了|约|近|超)|上扬|(?<![跌降]幅)扩大|净?流入|领先|跑赢",
    re.ASCII,
)
DOWN = re.compile(
    r"\b(?:fell|falls?|falling|los(?:t|es?|ing)|loss(?:es)?|dropp?(?:s|ed|ing)?|declin(?:e|es|ed|ing)"
    r"|slipp?(?:s|ed|ing)?|slid(?:es?)?|sliding|sank|sinks?|shed(?:s|ding)?|down|downside|lower|dipp?(?:s"
    r"|ed)?|tumbl(?:e|es|ed)"
    r"|plung(?:e|es|ed)|plummet(?:s|ed)?|retreat(?:s|ed)?|g[ai]v(?:e[ns]?|ing) (?:back|up)|surrender(?:s|ed|ing)?"
    r"|pared|eras(?:es?|ed|ing)|wip(?:es?|ed|ing) out|handed back"
    r"|off(?! (?:its|the|their)\b)"
    r"|below|beneath|eas(?:ed|es)|weaken(?:s|ed)?|trail(?:s|ed|ing)?|tanked|crashed|cratered|skidded"
    r"|slump(?:s|ed)?|sag(?:s|ged)|stumbl(?:es?|ed)|fad(?:es?|ed)|swoon(?:s|ed)?|wilt(?:s|ed)?|buckl(?:es?|ed)"
    r"|descend(?:s|ed)"
    r"|crumbl(?:es?|ed)|nosediv(?:es?|ed)|in the red|to the bad|stumble"
    r"|edged down|shrank|decreas(?:e|es|ed)|behind|lagg?(?:s|ed|ing)?|underperform\w*|correct(?:ed|ion)"
    r"|pulled back|pullback|drawdown|short of|slide)\b"
    r"|(?:下|大|微|暴|收|重|齐|领|续|累)?跌(?!破|停)|回落|回撤|回调|下[滑降挫行]|走[低弱]|收低|[急暴]?泻(?=$|\d|逾"
    r"|近|约|超)|倒退|降(?=$|\d|幅|至"
    r"|了|约|近)|蒸发|缩水|跑输|落后|低于|垫底|净?流出|失守|重挫|[急齐]?挫(?=$|\d|逾|近|约|超)|贬值|回吐|减少",
    re.ASCII,
)
AVERAGE = re.compile(
    r"(?P<n>\d{1,3}|(?:twenty|fifty|hundred))[- ]?(?:day|session|week)(?:[- ](?:simple|exponential"
    r"|moving))*[- ](?:moving )?(?:average|ma\b|sma|ema|line\b)s?"
    r"|(?P<z>\d{1,3})[日天周](?:简单|指数)?(?:移动)?(?:平均线|均线)"
    r"|(?P<m>\d{1,3})-day(?= and [^;,]{0,30}-day (?:moving )?average)|(?P<long>\b(?:the"
    r" )?long(?:er)?(?:-term)? average)|\b(?:its|the) (?P<e>\d{2,3})-?day(?=\s*(?:[,.;)]|and\b|at\b|near\b|is\b|$))",
    re.ASCII,
)
MEMBERS = re.compile(
    r"members|constituents|components|stocks in|成[份分]股|(?:stocks|shares|companies|names) (?:are |were "
    r"|traded |trade |closed |remain |stood )?(?:trading )?above|的股票",
    re.ASCII,
)
LEAD = re.compile(
    r"\bahead\b|\bbeat(?:s|ing|en)?\b|\boutperform\w*|\boutpac\w+|\bleads?\b|\bled\b|\bmore than\b(?="
    r" (?:the|its)|$)|\bbetter than\b|\bbehind\b|\btrail\w*|\blagg?\w*|\bunderperform\w*|\bgap\b"
    r"|\bspread\b|\bdifference\b|\bmargin\b|\bseparat\w+|领先|跑赢|跑输|落后|相差|差距|强弱差|之差|优于"
    r"|逊于|多涨|少涨|利差|收益差|悬殊",
    re.ASCII,
)
BEHIND = re.compile(r"\bbehind\b|\btrail\w*|\blagg?\w*|\bunderperform\w*|跑输|落后|逊于|少涨", re.ASCII)
BEATEN = re.compile(
    r"(?:\bahead of|\bbeat(?:s|ing|en)?|\boutperform\w*|\boutpac\w+|\bleads?|\bled|\bthan|\bover|\bversus"
    r"|\bvs\.?|\bagainst|\bbehind|\btrail\w*|\blagg?\w*|\bunderperform\w*|\bto|领先于?|跑赢|跑输|落后于?"
    r"|优于|不及|远?超(?:过)?|相对于?|相较于?|比|较|与|对)\s*(?:the |its |those of |us |u\.s\. )*$",
    re.ASCII,
)
"""What stands before the one that another is compared with."""

PART_OF = re.compile(r"\b(?:in|of)\s*(?:the |its |those of )?$", re.ASCII)
"""What stands before a whole that a figure is only a part of."""

SECTOR_GAP = re.compile(
    r"best (?:from|and|minus|to) (?:the )?worst|worst (?:from|and|to) (?:the )?best|(?:best"
    r"|top)\b.{0,40}\b(?:worst|bottom)|首尾|强弱差|最[好强佳].{0,30}最[差弱]|垫底.{0,16}(?:相差|差距)"
    r"|between the (?:best"
    r"|strongest)",
    re.ASCII,
)
DRAWDOWN = re.compile(
    r"\b(?:off|below|beneath|from|under|short of|shy of|away from|down from) (?:its |the |a |their )?(?:all-time "
    r"|record |october "
    r"|january |february |march |april |may |june |july |august |september |november |december |52-week "
    r"|recent |previous "
    r"|last |year's |2026 |2025 |2024 |closing |intraday |(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.? "
    r"|\d{1,2},? )*(?:record|high|peak)s?\b|回撤"
    r"|[距较离][^,。;]{0,22}?(?:新高|高点|高位|峰值|顶部|纪录|记录|最高价|前高)|距.{0,6}高",
    re.ASCII,
)
FROM_OPEN = re.compile(
    r"\b(?:beneath|below|above|from|off) (?:its |the )?open(?:ing)?(?: print| price| level)?\b|measured"
    r" (?:the same way|from the open)|opening print|从开盘算起|开盘价计算|较开盘|自开盘|open[- ]to[- ]close",
    re.ASCII,
)
PERCENTILE = re.compile(r"percentile|分位", re.ASCII)
RANK = re.compile(
    r"最高最低之间|最高与最低之间|between its (?:low|high)|\biv rank\b|of its (?:one-year )?range", re.ASCII
)
REALISED = re.compile(r"reali[sz]ed vol|historical vol|实现波动率|历史波动率", re.ASCII)
IMPLIED = re.compile(r"implied (?:vol|move)|隐含波动|options imply", re.ASCII)
OPENED = re.compile(r"\bopened at\b|\bopen(?:ing)? (?:at|of|price)\b|开盘[报于价]|高开于|低开于", re.ASCII)
HIGHEST = re.compile(
    r"\bintraday (?:high|peak|record)\b|\bas (?:high|much) as\b|\bpeak(?:ed)? (?:at|of|was)\b|\btouch(?:ing|ed)\b"
    r"|\bsession high\b|盘中(?:最高|高点|一度(?:涨|升))|最高(?:至|见|触及|报)|一度(?:大|飙|急)?(?:涨|升|触及"
    r"|冲|攀|突破|站上|走高|上[涨探行])",
    re.ASCII,
)
LOWEST = re.compile(
    r"\bintraday low\b|\bas low as\b|\bsession low\b|\bas much as\b(?=.{0,6}lower)|盘中(?:最低|低点|一度(?:跌|降))"
    r"|最低(?:至|见|触及|报)|一度(?:大|急)?(?:跌|降|下[跌探挫行]|失守|走低|低见)",
    re.ASCII,
)
CLOSED = re.compile(
    r"\bclos(?:e|ed|ing)\b|\bend(?:ed)?\b|\bfinish(?:ed|ing)?\b|\bsettl(?:ed|ing)\b|收盘|尾盘|收[涨跌高低于报]|最终",
    re.ASCII,
)
"""What stands before a value of the close where another of the day was told before."""

LEVEL = re.compile(
    r"(?:\bat|\bto|\bwas|\bis|\bof|\bfrom|\bnear|\baround|\babove|\bbelow|\bended|\bsettled|\bclosed"
    r"|\bfinished|\bstands?|\btopped|\bhit|\bpast|\bthan|[报于至到为在]|收盘?价?|破|点位?|站上|[:(]|之上)\s*(?:about "
    r"|around |roughly |near |a record |约|大约)?(?:us)?\$?\s*$",
    re.ASCII,
)
NEW_HIGHS = re.compile(r"new highs?|(?:year|52-week|closing|record|all-time)[- ](?:closing )?highs?|新高", re.ASCII)
NEW_LOWS = re.compile(r"new lows?|(?:year|52-week|closing|record)[- ](?:closing )?lows?|新低", re.ASCII)
WEIGHT = re.compile(
    r"(?:(?:top|largest|biggest)\b.{0,50}(?:% |per cent )?(?:of the index|weight)|make up|account for"
    r"|权重|占(?:指数|比|市值))",
    re.ASCII,
)
OUTPERFORM = re.compile(
    r"(?:have |has |had )?(?:beat(?:en)?|outperform\w*|ahead of) the index|跑赢(?:了)?(?:大盘|指数|标普)"
    r"|ahead of the index",
    re.ASCII,
)
BEST = re.compile(r"\b(?:highest|largest|biggest|best|strongest|longest)\b|最[高大长多强]", re.ASCII)
WORST = re.compile(r"\b(?:lowest|smallest|worst|weakest|steepest)\b|最[低小差弱]", re.ASCII)
WRONG = re.compile(r"不准确|有误|错误|并非|\bnot (?:true|right|correct)\b|\bwrong(?:ly)?\b|\bmistaken\b", re.ASCII)
DENIED = re.compile(
    rf"{WRONG.pattern}|也有文章|此前(?:报道|发布|版本)|误[报为写]|\bearlier version\b|\bpreviously (?:stated"
    rf"|reported)\b|\bmisstated\b"
    r"|另有说法|媒体报道|有报道|据称|传言"
    r"|\breportedly\b|\bclaims?\b|\bsome (?:count|say|report)\b|one (?:data )?provider|one paper",
    re.ASCII,
)
PRELIMINARY = re.compile(r"preliminary|初步", re.ASCII)
RESPECTIVE = re.compile(r"\brespectively\b|\bin (?:that|the same) order\b|分别|依次|各自", re.ASCII)
TOTAL = re.compile(
    r"total return|with dividends|dividends (?:included|reinvested)|计入股息|含息|总回报|全收益", re.ASCII
)

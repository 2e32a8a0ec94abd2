"""Companies as Chinese reports call them, with their tickers; names of several parts keep a part from being read."""

from __future__ import annotations

_NAMED = """
应用材料 AMAT;超威半导体 AMD;美国超微 AMD;超微半导体 AMD;英特尔 INTC;高通 QCOM;美光科技 MU;美光 MU;德州仪器 TXN
泛林集团 LRCX;科磊 KLAC;阿斯麦 ASML;迈威尔科技 MRVL;美满电子 MRVL;亚德诺 ADI;恩智浦 NXPI;西部数据 WDC;希捷科技 STX
希捷 STX;闪迪 SNDK;超微电脑 SMCI;戴尔 DELL;戴尔科技 DELL;惠普 HPQ;慧与 HPE;思科 CSCO;IBM IBM;国际商业机器 IBM
赛富时 CRM;奥多比 ADBE;直觉软件 INTU;财捷 INTU;派兰蒂尔 PLTR;帕兰提尔 PLTR;雪花 SNOW;甲骨文 ORCL;奈飞 NFLX
迪士尼 DIS;康卡斯特 CMCSA;威瑞森 VZ;优步 UBER;爱彼迎 ABNB;缤客 BKNG;贝宝 PYPL;高盛 GS;摩根士丹利 MS;美国银行 BAC
花旗集团 C;花旗 C;富国银行 WFC;贝莱德 BLK;黑石 BX;嘉信理财 SCHW;美国运通 AXP;万事达 MA;万事达卡 MA;维萨 V
第一资本 COF;伯克希尔哈撒韦 BRK-B;联合健康 UNH;辉瑞 PFE;默沙东 MRK;默克 MRK;艾伯维 ABBV;安进 AMGN;吉利德 GILD
吉利德科学 GILD;莫德纳 MRNA;渤健 BIIB;再生元 REGN;福泰制药 VRTX;百时美施贵宝 BMY;雅培 ABT;美敦力 MDT;赛默飞 TMO
丹纳赫 DHR;直觉外科 ISRG;埃克森美孚 XOM;雪佛龙 CVX;康菲石油 COP;西方石油 OXY;斯伦贝谢 SLB;哈里伯顿 HAL
波音 BA;卡特彼勒 CAT;通用电气 GE;霍尼韦尔 HON;洛克希德马丁 LMT;雷神 RTX;联合包裹 UPS;联邦快递 FDX;迪尔 DE
联合太平洋 UNP;达美航空 DAL;美联航 UAL;美国航空 AAL;西南航空 LUV;福特汽车 F;福特 F;通用汽车 GM;家得宝 HD;劳氏 LOW
塔吉特 TGT;耐克 NKE;星巴克 SBUX;麦当劳 MCD;百事 PEP;百事可乐 PEP;菲利普莫里斯 PM;奥驰亚 MO;亿滋 MDLZ;卡夫亨氏 KHC
高露洁 CL;金佰利 KMB;雅诗兰黛 EL;纽蒙特 NEM;纽曼矿业 NEM;自由港 FCX;林德 LIN;陶氏 DOW;杜邦 DD;宣伟 SHW
新纪元能源 NEE;南方电力 SO;杜克能源 DUK;维斯塔能源 VST;星座能源 CEG;美国电塔 AMT;普洛斯 PLD;易昆尼克斯 EQIX
阿里巴巴 BABA;京东 JD;拼多多 PDD;百度 BIDU;蔚来 NIO;理想汽车 LI;小鹏汽车 XPEV;网易 NTES;哔哩哔哩 BILI;腾讯音乐 TME
满帮 YMM;贝壳 BEKE;爱奇艺 IQ;微博 WB;好未来 TAL;新东方 EDU;富途控股 FUTU;微策略 MSTR;科因贝斯 COIN;罗宾汉 HOOD
泛林 LRCX;博通 AVGO;palantir PLTR
艾司摩尔 ASML;沃尔格林 WBA;西维斯健康 CVS;信诺 CI;哈门那 HUM;开拓重工 CAT;摩根大通 JPM;小摩 JPM;大摩 MS
"""


def chinese_names() -> tuple[tuple[str, str], ...]:
    """Name and ticker of each."""
    pairs = (one.rsplit(" ", 1) for line in _NAMED.split("\n") for one in line.split(";") if one.strip())
    return tuple((name.lower(), ticker) for name, ticker in pairs)

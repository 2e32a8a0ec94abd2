"""Words for the fields of a price table in further languages, and words there that are fields of no use here.

They are written as :func:`bare` leaves them: in small letters, without accents and full stops.
"""

from __future__ import annotations

import unicodedata

from xlrotation.market import symbols

WORDS: dict[str, str] = {
    "date": "datums データ日付 dato fecha tag handelstag borsentag paivays paivamaara tarih дата 날짜 일자 日付け "
    "年月日 取引日 giorno pvm tanggal วันที่ ngay zaman день data_sesji",
    "open": "eroffnung eroffnungskurs anfangskurs erster ouverture ouv apertura abertura openingskoers oppning "
    "oppningskurs opning apning avaus otwarcie acilis открытие откр 시가 始値 nyitas otevreni eroffn oppen aapning "
    "pembukaan ราคาเปิด เปิด mo_cua abert openen",
    "high": "hoch hochst hochstkurs tageshoch plus_haut haut maximo maxima massimo hoog hoogste hogst hogsta "
    "hogstkurs hoyeste ylin najwyzszy yuksek максимум макс 고가 高値 maximum tertinggi ราคาสูงสุด สูงสุด cao_nhat maks max",
    "low": "tief tiefst tiefstkurs tagestief plus_bas minimo minima laag laagste lagst lagsta lagstkurs laveste "
    "alin najnizszy dusuk минимум мин 저가 安値 minimum bas terendah ราคาต่ำสุด ต่ำสุด thap_nhat min",
    "close": "schlusskurs schlusskurse schlusspreis schlussstand schluss borsenschluss cloture cours_de_cloture "
    "precio_de_cierre cierre prezzo_di_chiusura chiusura fechamento fecho slotkoers slotkurs "
    "stangningskurs stangning sluttkurs paatoskurssi paatos kurs_zamkniecia zamkniecie kapanis 종가 "
    "закрытие закр 終値 zaroar zaverecna_cena letzter letzter_kurs letzter_preis dernier dernier_cours "
    "ultimo_precio ultimo_prezzo ultimo ultima slot laatste senast senaste siste simdi 현재가 現在値 kurs "
    "cours precio prezzo preco koers цена zuletzt clot latest mark_price markprice ostatnio kapanis_fiyati terakhir "
    "penutupan ราคาปิด ปิด ราคาล่าสุด ล่าสุด lan_cuoi gia_dong_cua dong_cua",
    "weight": "gewicht gewichtung poids peso ponderazione vikt waga вес 비중 構成比",
    "volume": "volumen handelsvolumen umsatz stuck volumes volym volum omsattning wolumen hacim объем обьем 거래량 "
    "volumi quantidade quantite ปริมาณ khoi_luong",
}
"""The fields by their names, the one that counts before others first; ``_`` stands for a blank within a word."""

OTHERS = frozenset(
    (
        "wert werte veranderung veranderungen anderung differenz betrag wahrung stuckzahl variation "
        "variazione variacion variacao valor valeur valore waarde verschil verandering forandring endring "
        "zmiana fark degisim изм изменение валюта 등락률 변동 전일비 거래대금 前日比 騰落率 売買代金 devise "
        "divisa valuta waluta dividende dividendes notiz bemerkung remarque commentaire moyenne durchschnitt "
        "mittelwert gemiddelde summe somme obrot vortag indexstand mudanca cambio perubahan thay_doi"
    ).split()
)
"""Words for what no price is, or which do not say what it is."""


def bare(text: str) -> str:
    """*text* (folded) without accents and without full stops, as the words here are written."""
    apart = unicodedata.normalize(
        "NFKD", text.replace("\u0131", "i").replace("\u0142", "l").replace("\u00f8", "o").replace("\u0111", "d")
    )
    kept = "".join(letter for letter in apart if not "\u0300" <= letter <= "\u036f")
    return unicodedata.normalize("NFC", kept).replace(".", "").strip()


_ALL: list[tuple[str, str]] = [
    (word.replace("_", " "), meaning) for meaning, words in WORDS.items() for word in words.split()
]
MEANING = {bare(symbols.folded(word)): meaning for word, meaning in _ALL}
"""What each of the words means."""

RANK = {word: place for place, word in enumerate(MEANING)}

UNKNOWN_WORDS = frozenset(bare(symbols.folded(word)) for word in OTHERS)

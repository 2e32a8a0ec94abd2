"""Distributions."""

from __future__ import annotations

import math
from typing import Any

from xlrotation.workbook.evaluation.machine import MAX_CELLS, Frame, Unsupported
from xlrotation.workbook.evaluation.values import NUM, Fault, Value
from xlrotation.workbook.natives.counts import chosen
from xlrotation.workbook.natives.registry import native


def _special() -> object:
    from scipy import special

    return special


def _sp(name: str, *arguments: float) -> float:
    from scipy import special

    result = float(getattr(special, name)(*arguments))
    if math.isnan(result):
        raise Fault(NUM)
    return result


@native("NORM.S.DIST", "NB")
def _norm_s_dist(_: Frame, z: float, total: bool) -> Value:
    return _sp("ndtr", z) if total else math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


@native("NORMSDIST", "N")
def _normsdist(_: Frame, z: float) -> Value:
    return _sp("ndtr", z)


@native("NORM.DIST NORMDIST", "NNNB")
def _norm_dist(_: Frame, x: float, middle: float, spread: float, total: bool) -> Value:
    if spread <= 0:
        return NUM
    z = (x - middle) / spread
    return _sp("ndtr", z) if total else math.exp(-z * z / 2) / math.sqrt(2 * math.pi) / spread


@native("NORM.S.INV NORMSINV", "N")
def _norm_s_inv(_: Frame, p: float) -> Value:
    return _sp("ndtri", p) if 0 < p < 1 else NUM


@native("NORM.INV NORMINV", "NNN")
def _norm_inv(_: Frame, p: float, middle: float, spread: float) -> Value:
    return middle + spread * _sp("ndtri", p) if 0 < p < 1 and spread > 0 else NUM


@native("LOGNORM.DIST", "NNNB")
def _lognorm_dist(_: Frame, x: float, middle: float, spread: float, total: bool) -> Value:
    if x <= 0 or spread <= 0:
        return NUM
    z = (math.log(x) - middle) / spread
    return _sp("ndtr", z) if total else math.exp(-z * z / 2) / math.sqrt(2 * math.pi) / spread / x


@native("LOGNORMDIST", "NNN")
def _lognormdist(frame: Frame, x: float, middle: float, spread: float) -> Value:
    return _lognorm_dist(frame, x, middle, spread, True)


@native("LOGNORM.INV LOGINV", "NNN")
def _lognorm_inv(_: Frame, p: float, middle: float, spread: float) -> Value:
    return math.exp(middle + spread * _sp("ndtri", p)) if 0 < p < 1 and spread > 0 else NUM


@native("PHI", "N")
def _phi(_: Frame, z: float) -> Value:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


@native("GAUSS", "N")
def _gauss(_: Frame, z: float) -> Value:
    return _sp("ndtr", z) - 0.5


@native("T.DIST", "NNB")
def _t_dist(_: Frame, x: float, freedom: float, total: bool) -> Value:
    df = int(freedom)
    if df < 1:
        return NUM
    if total:
        return _sp("stdtr", df, x)
    log = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi)
    return math.exp(log - (df + 1) / 2 * math.log1p(x * x / df))


@native("T.DIST.2T", "NN")
def _t_dist_2t(_: Frame, x: float, freedom: float) -> Value:
    return NUM if x < 0 or freedom < 1 else 2 * _sp("stdtr", int(freedom), -x)


@native("T.DIST.RT", "NN")
def _t_dist_rt(_: Frame, x: float, freedom: float) -> Value:
    return NUM if freedom < 1 else _sp("stdtr", int(freedom), -x)


@native("TDIST", "NNI")
def _tdist(_: Frame, x: float, freedom: float, tails: int) -> Value:
    return NUM if x < 0 or freedom < 1 or tails not in (1, 2) else tails * _sp("stdtr", int(freedom), -x)


@native("T.INV", "NN")
def _t_inv(_: Frame, p: float, freedom: float) -> Value:
    return _sp("stdtrit", int(freedom), p) if 0 < p < 1 and freedom >= 1 else NUM


@native("T.INV.2T TINV", "NN")
def _t_inv_2t(_: Frame, p: float, freedom: float) -> Value:
    if not 0 < p <= 1 or freedom < 1:
        return NUM
    return -_sp("stdtrit", int(freedom), p / 2)


@native("CHISQ.DIST", "NNB")
def _chisq_dist(_: Frame, x: float, freedom: float, total: bool) -> Value:
    df = int(freedom)
    if x < 0 or not 1 <= df <= 10**10:
        return NUM
    if total:
        return _sp("chdtr", df, x)
    if x == 0:
        return 0.5 if df == 2 else 0.0 if df > 2 else NUM
    return math.exp((df / 2 - 1) * math.log(x) - x / 2 - df / 2 * math.log(2) - math.lgamma(df / 2))


@native("CHISQ.DIST.RT CHIDIST", "NN")
def _chisq_dist_rt(_: Frame, x: float, freedom: float) -> Value:
    return NUM if x < 0 or freedom < 1 else _sp("chdtrc", int(freedom), x)


@native("CHISQ.INV", "NN")
def _chisq_inv(_: Frame, p: float, freedom: float) -> Value:
    return 2 * _sp("gammaincinv", int(freedom) / 2, p) if 0 <= p < 1 and freedom >= 1 else NUM


@native("CHISQ.INV.RT CHIINV", "NN")
def _chisq_inv_rt(_: Frame, p: float, freedom: float) -> Value:
    return 2 * _sp("gammainccinv", int(freedom) / 2, p) if 0 < p <= 1 and freedom >= 1 else NUM


@native("F.DIST", "NNNB")
def _f_dist(_: Frame, x: float, first: float, second: float, total: bool) -> Value:
    a, b = int(first), int(second)
    if x < 0 or a < 1 or b < 1:
        return NUM
    if total:
        return _sp("fdtr", a, b, x)
    if x == 0:
        return 1.0 if a == 2 else 0.0 if a > 2 else NUM
    log = a / 2 * math.log(a * x / (a * x + b)) + b / 2 * math.log(b / (a * x + b)) - math.log(x)
    return math.exp(log - _sp("betaln", a / 2, b / 2))


@native("F.DIST.RT FDIST", "NNN")
def _f_dist_rt(_: Frame, x: float, first: float, second: float) -> Value:
    return NUM if x < 0 or first < 1 or second < 1 else _sp("fdtrc", int(first), int(second), x)


@native("F.INV", "NNN")
def _f_inv(_: Frame, p: float, first: float, second: float) -> Value:
    return _sp("fdtri", int(first), int(second), p) if 0 <= p < 1 and first >= 1 and second >= 1 else NUM


@native("F.INV.RT FINV", "NNN")
def _f_inv_rt(_: Frame, p: float, first: float, second: float) -> Value:
    return _sp("fdtri", int(first), int(second), 1 - p) if 0 < p <= 1 and first >= 1 and second >= 1 else NUM


@native("BINOM.DIST BINOMDIST", "NNNB")
def _binom_dist(_: Frame, hits: float, tries: float, p: float, total: bool) -> Value:
    k, n = int(hits), int(tries)
    if k < 0 or n < k or not 0 <= p <= 1:
        return NUM
    if total:
        return 1.0 if k == n else _sp("bdtr", k, n, p)
    return _binomial(k, n, p)


def _binomial(k: int, n: int, p: float) -> float:
    if p in (0.0, 1.0):
        return float(k == (n if p else 0))
    if n < 1000:
        return math.comb(n, k) * p**k * (1 - p) ** (n - k)
    log = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(log + k * math.log(p) + (n - k) * math.log1p(-p))


_SUMMED = 10_000
"""Terms that are added one by one."""


@native("BINOM.DIST.RANGE", "NNN?N")
def _binom_dist_range(frame: Frame, tries: float, p: float, first: float, last: float | None = None) -> Value:
    n, a = int(tries), int(first)
    b = a if last is None else int(last)
    if not 0 <= p <= 1 or not 0 <= a <= n or not a <= b <= n:
        return NUM
    if b - a > _SUMMED:
        return _sp("bdtr", b, n, p) - (_sp("bdtr", a - 1, n, p) if a else 0.0)
    frame.machine.step((b - a) // 5)
    return sum(_binomial(k, n, p) for k in range(a, b + 1))


@native("BINOM.INV CRITBINOM", "NNN")
def _binom_inv(frame: Frame, tries: float, p: float, share: float) -> Value:
    n = int(tries)
    if n < 0 or not 0 < p < 1 or not 0 < share < 1:
        return NUM
    if n > _SUMMED:
        least, most = 0, n
        while least < most:
            middle = (least + most) // 2
            least, most = (least, middle) if _sp("bdtr", middle, n, p) >= share else (middle + 1, most)
        return float(least)
    total = 0.0
    frame.machine.step(n // 5)
    for k in range(n + 1):
        total += _binomial(k, n, p)
        if total >= share:
            return float(k)
    return float(n)


@native("NEGBINOM.DIST", "NNNB")
def _negbinom_dist(_: Frame, misses: float, hits: float, p: float, total: bool) -> Value:
    f, s = int(misses), int(hits)
    if f < 0 or s < 1 or not 0 < p < 1:
        return NUM
    if total:
        return _sp("betainc", s, f + 1, p)
    return chosen(f + s - 1, s - 1) * p**s * (1 - p) ** f


@native("NEGBINOMDIST", "NNN")
def _negbinomdist(frame: Frame, misses: float, hits: float, p: float) -> Value:
    return _negbinom_dist(frame, misses, hits, p, False)


@native("POISSON.DIST POISSON", "NNB")
def _poisson(_: Frame, x: float, rate: float, total: bool) -> Value:
    k = int(x)
    if x < 0 or rate < 0:
        return NUM
    if total:
        return _sp("pdtr", k, rate)
    return float(k == 0) if rate == 0 else math.exp(k * math.log(rate) - rate - math.lgamma(k + 1))


@native("EXPON.DIST EXPONDIST", "NNB")
def _expon(_: Frame, x: float, rate: float, total: bool) -> Value:
    if x < 0 or rate <= 0:
        return NUM
    return -math.expm1(-rate * x) if total else rate * math.exp(-rate * x)


@native("WEIBULL.DIST WEIBULL", "NNNB")
def _weibull(_: Frame, x: float, shape: float, scale: float, total: bool) -> Value:
    if x < 0 or shape <= 0 or scale <= 0:
        return NUM
    power = (x / scale) ** shape
    return -math.expm1(-power) if total else shape / scale * (x / scale) ** (shape - 1) * math.exp(-power)


@native("GAMMA.DIST GAMMADIST", "NNNB")
def _gamma_dist(_: Frame, x: float, shape: float, scale: float, total: bool) -> Value:
    if x < 0 or shape <= 0 or scale <= 0:
        return NUM
    if total:
        return _sp("gammainc", shape, x / scale)
    if x == 0:
        return 1 / scale if shape == 1 else 0.0 if shape > 1 else NUM
    return math.exp((shape - 1) * math.log(x) - x / scale - shape * math.log(scale) - math.lgamma(shape))


@native("GAMMA.INV GAMMAINV", "NNN")
def _gamma_inv(_: Frame, p: float, shape: float, scale: float) -> Value:
    return scale * _sp("gammaincinv", shape, p) if 0 <= p < 1 and shape > 0 and scale > 0 else NUM


@native("GAMMA", "N")
def _gamma(_: Frame, x: float) -> Value:
    return NUM if x <= 0 and x == int(x) else math.gamma(x)


@native("GAMMALN GAMMALN.PRECISE", "N")
def _gammaln(_: Frame, x: float) -> Value:
    return NUM if x <= 0 else math.lgamma(x)


@native("BETA.DIST", "NNNB?NN")
def _beta_dist(_: Frame, x: float, a: float, b: float, total: bool, low: float = 0.0, high: float = 1.0) -> Value:
    if a <= 0 or b <= 0 or not low <= x <= high or low == high:
        return NUM
    z = (x - low) / (high - low)
    if total:
        return _sp("betainc", a, b, z)
    return math.exp((a - 1) * math.log(z) + (b - 1) * math.log1p(-z) - _sp("betaln", a, b)) / (high - low)


@native("BETADIST", "NNN?NN")
def _betadist(frame: Frame, x: float, a: float, b: float, low: float = 0.0, high: float = 1.0) -> Value:
    return _beta_dist(frame, x, a, b, True, low, high)


@native("BETA.INV BETAINV", "NNN?NN")
def _beta_inv(_: Frame, p: float, a: float, b: float, low: float = 0.0, high: float = 1.0) -> Value:
    if a <= 0 or b <= 0 or not 0 < p <= 1:
        return NUM
    return low + (high - low) * _sp("betaincinv", a, b, p)


@native("HYPGEOM.DIST", "NNNNB")
def _hypgeom(frame: Frame, hits: float, drawn: float, good: float, size: float, total: bool) -> Value:
    k, n, m, s = int(hits), int(drawn), int(good), int(size)
    if not max(0, n + m - s) <= k <= min(n, m) or not 0 < n <= s or not 0 < m <= s:
        return NUM
    if s > _SUMMED:
        return _hypergeometric(k, n, m, s, total)
    whole = math.comb(s, n)
    first = max(0, n + m - s) if total else k
    frame.machine.step((k - first + 1) * s // 1000)
    return sum(math.comb(m, i) * math.comb(s - m, n - i) for i in range(first, k + 1)) / whole


def _hypergeometric(k: int, n: int, m: int, s: int, total: bool) -> float:
    """The same by logarithms, for numbers whose ways to choose are too many to be counted."""
    import numpy as np
    from scipy import special

    first = max(0, n + m - s) if total else k
    if k - first > MAX_CELLS:
        raise Unsupported("adds up too many terms to be computed")

    def ways(of: Any, chosen: Any) -> Any:
        return special.gammaln(of + 1.0) - special.gammaln(chosen + 1.0) - special.gammaln(of - chosen + 1.0)

    i = np.arange(first, k + 1, dtype=float)
    return float(np.exp(ways(m, i) + ways(s - m, n - i) - ways(s, n)).sum())


@native("HYPGEOMDIST", "NNNN")
def _hypgeomdist(frame: Frame, hits: float, drawn: float, good: float, size: float) -> Value:
    return _hypgeom(frame, hits, drawn, good, size, False)


@native("FISHER", "N")
def _fisher(_: Frame, x: float) -> Value:
    return math.atanh(x)


@native("FISHERINV", "N")
def _fisherinv(_: Frame, x: float) -> Value:
    return math.tanh(x)

"""Regimes: a Markov-switching model of returns, filtered (Hamilton, 1989) and fitted by maximum likelihood."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from xlrotation.measures.arrays import FloatArray

LEAST = 60
"""Returns that a state needs, at least."""

_ROUNDS, _KEPT, _MORE, _FINALISTS, _FINISH = 20, 6, 60, 3, 150
"""Rounds from all starts, how many go on, for how many more, and how many different ones a search ends."""

_SAME = 0.01
"""Log-likelihoods this close are one peak; so are volatilities, as shares."""

_FLOOR = 0.02
"""Least volatility of a state, in that of all returns: the likelihood of a state of equal returns has no bound."""

_SPREADS = {
    2: ((0.6, 1.6), (0.8, 2.5), (0.4, 1.1)),
    3: ((0.6, 1.0, 1.6), (0.8, 1.4, 2.5), (0.4, 0.7, 1.1), (0.5, 0.7, 2.0), (0.6, 1.5, 1.9), (0.2, 0.9, 3.0)),
}
"""Volatilities of the states in that of all returns, as starts: evenly apart, and two of three close together."""

_STAYS = {
    2: ((0.98, 0.98), (0.9, 0.9), (0.95, 0.5), (0.5, 0.8)),
    3: ((0.98, 0.98, 0.98), (0.9, 0.9, 0.9), (0.95, 0.95, 0.5), (0.3, 0.6, 0.95)),
}
"""Probabilities to stay in each state, as starts: the wildest may last a day alone, and calm ones may alternate."""


class Fit(NamedTuple):
    """A fitted model, its states by rising volatility.

    Attributes:
        mean: Mean return of a session, the same in all states.
        vol: ``(states,)`` standard deviation of a session's return.
        transition: ``(states, states)`` probability to go from the row's state to the column's.
        filtered: ``(sessions, states)`` probability of each state given the returns up to that session, none later.
        log_likelihood: Of the returns.
        rivals: Greatest likelihoods of other peaks that the search ended on, as logarithms, greatest first.
    """

    mean: float
    vol: FloatArray
    transition: FloatArray
    filtered: FloatArray
    log_likelihood: float
    rivals: tuple[float, ...] = ()


def hamilton_filter(density: FloatArray, transition: FloatArray, first: FloatArray) -> tuple[FloatArray, float]:
    """Probabilities of the states given what was observed so far, and the log-likelihood.

    Args:
        density: ``(sessions, states)`` density of each observation in each state; 1 for one that is missing.
        transition: ``(states, states)``, rows sum to 1.
        first: ``(states,)`` probabilities before the first observation.
    """
    forward, scale = _forward(density[:, None], transition[None], first[None])
    return forward[:, 0], float(scale[0])


def fit(returns: FloatArray, states: int) -> Fit | None:
    """The model whose volatility switches between *states*, at its greatest likelihood from several starts.

    Before the first return the states have the probabilities of the long run.

    Args:
        returns: ``(sessions,)``, NaN for one without; it counts as a session that tells nothing.
        states: 2 or 3.

    Returns:
        None where the returns do not tell so many states apart.
    """
    known = returns[np.isfinite(returns)]
    unit = float(known.std()) if len(known) >= LEAST * states else 0.0
    if not unit > 1e-12:
        return None
    scaled = (returns - known.mean()) / unit
    models = _rounds(scaled, _starts(states), _ROUNDS)
    best = np.argsort(-_likelihood(scaled, *models), kind="stable")[:_KEPT]
    models = _rounds(scaled, (models[0][best], models[1][best], models[2][best]), _MORE)
    found = [
        _finish(scaled, models[0][one], models[1][one], models[2][one])
        for one in _different(scaled, models)[:_FINALISTS]
    ]
    heights = [_likelihood(scaled, *(part[None] for part in one)).item() for one in found]
    highest = int(np.argmax(heights))
    mean, vol, transition = found[highest]
    rivals = sorted((height for height in heights if height < heights[highest] - _SAME), reverse=True)
    order = np.argsort(vol, kind="stable")
    vol, transition = vol[order], transition[np.ix_(order, order)]
    filtered, likelihood = hamilton_filter(
        _density(scaled, mean[None], vol[None])[:, 0], transition, _long_run(transition[None])[0]
    )
    if vol[0] <= 1.01 * _FLOOR or not math.isfinite(likelihood) or filtered.sum(axis=0).min() < 1.0:
        return None
    if (vol[1:] <= (1.0 + _SAME) * vol[:-1]).any():  # states of one volatility are one: any probabilities fit them
        return None
    less = len(known) * math.log(unit)
    return Fit(
        *(float(mean[0] * unit + known.mean()), vol * unit, transition, filtered, likelihood - less),
        tuple(rival - less for rival in rivals),
    )


Models = tuple[FloatArray, FloatArray, FloatArray]
"""Means ``(models, 1)``, volatilities ``(models, states)`` and transitions ``(models, states, states)``."""


def _starts(states: int) -> Models:
    """Starting points: volatilities, and how long states last."""
    vols, moves = [], []
    for spread in _SPREADS[states]:
        for stay in _STAYS[states]:
            stays = np.array(stay)
            move = (1.0 - stays[:, None]) / (states - 1)
            vols.append(np.array(spread))
            moves.append(np.where(np.eye(states) == 1.0, stays[:, None], move))
    return np.zeros((len(vols), 1)), np.array(vols), np.array(moves)


def _rounds(returns: FloatArray, models: Models, count: int) -> Models:
    for _ in range(count):
        models = _improve(returns, *models)
    return models


def _different(returns: FloatArray, models: Models) -> list[int]:
    """The models that are on their way to different peaks, the likeliest first."""
    heights = _likelihood(returns, *models)
    found: list[int] = []
    for one in np.argsort(-heights, kind="stable").tolist():
        vol = np.sort(models[1][one])
        if not any(
            heights[other] - heights[one] < _SAME and np.allclose(np.sort(models[1][other]), vol, rtol=_SAME)
            for other in found
        ):
            found.append(one)
    return found


def _density(returns: FloatArray, mean: FloatArray, vol: FloatArray) -> FloatArray:
    """``(sessions, models, states)`` normal densities, 1 where there is no return."""
    off = (returns[:, None, None] - mean) / vol
    density = np.exp(-0.5 * off * off) / (vol * math.sqrt(2.0 * math.pi))
    found: FloatArray = np.where(np.isfinite(off), np.maximum(density, 1e-280), 1.0)
    return found


def _long_run(transition: FloatArray) -> FloatArray:
    """``(models, states)`` probabilities of the states in the long run."""
    states = transition.shape[-1]
    system = np.concatenate([np.eye(states) - transition.swapaxes(1, 2), np.ones((len(transition), 1, states))], axis=1)
    found = np.clip(np.linalg.pinv(system)[:, :, -1], 1e-12, None)
    shares: FloatArray = found / found.sum(axis=1, keepdims=True)
    return shares


def _forward(density: FloatArray, transition: FloatArray, first: FloatArray) -> tuple[FloatArray, FloatArray]:
    """``(sessions, models, states)`` filtered probabilities and ``(models,)`` log-likelihoods.

    The sessions are cut into blocks, and what each block does to any beginning is multiplied up in all of them at
    once, so that Python steps through the square root of the sessions only.
    """
    rows, models, states = density.shape
    size = max(1, math.isqrt(rows))
    blocks = -(-rows // size)
    # From the second session on a step moves, then weighs; steps beyond the last session do nothing.
    steps = np.broadcast_to(np.eye(states), (blocks * size, models, states, states)).copy()
    steps[1:rows] = transition * density[1:, :, None, :]
    steps = steps.reshape(blocks, size, models, states, states)
    product = steps[:, 0]
    products = np.empty_like(steps)
    logs = np.zeros((blocks, size, models))
    so_far = np.zeros((blocks, models))
    for place in range(size):
        product = steps[:, place] if place == 0 else product @ steps[:, place]
        total = product.sum(axis=(2, 3))
        product = product / total[:, :, None, None]
        so_far = so_far + np.log(total)
        products[:, place], logs[:, place] = product, so_far
    total = (first * density[0]).sum(axis=1)
    state, scale = first * density[0] / total[:, None], np.log(total)
    begins = np.empty((blocks, models, states))
    for block in range(blocks):
        begins[block] = state
        state = (state[:, None] @ products[block, -1])[:, 0]
        total = state.sum(axis=1)
        state, scale = state / total[:, None], scale + np.log(total) + logs[block, -1]
    out = (begins[:, None, :, None] @ products)[:, :, :, 0].reshape(-1, models, states)[:rows]
    return out / out.sum(axis=2, keepdims=True), scale


def _smoothed(forward: FloatArray, transition: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Smoothed probabilities, and the expected moves ``(models, states, states)``: they serve the fit alone.

    Backward in time the states are a Markov chain, too: what comes later turns to what came before by the filter.
    """
    expected = np.maximum(forward[:-1, :, None] @ transition, 1e-300)  # (sessions, models, 1, states)
    back = np.swapaxes(forward[:-1, :, :, None] * transition / expected, 2, 3)
    rows, models, states = forward.shape
    size = max(1, math.isqrt(rows))
    blocks = -(-rows // size)
    steps = np.broadcast_to(np.eye(states), (blocks * size, models, states, states)).copy()
    steps[1:rows] = back[::-1]
    steps = steps.reshape(blocks, size, models, states, states)
    products = steps.copy()
    for place in range(1, size):
        products[:, place] = products[:, place - 1] @ steps[:, place]
    begins = np.empty((blocks, models, states))
    state = forward[-1]
    for block in range(blocks):
        begins[block] = state
        state = (state[:, None] @ products[block, -1])[:, 0]
    turned = (begins[:, None, :, None] @ products)[:, :, :, 0].reshape(-1, models, states)[:rows]
    smoothed = turned[::-1]
    moves = (np.swapaxes(back, 2, 3) * smoothed[1:, :, None]).sum(axis=0)
    return smoothed, moves


def _likelihood(returns: FloatArray, mean: FloatArray, vol: FloatArray, transition: FloatArray) -> FloatArray:
    return _forward(_density(returns, mean, vol), transition, _long_run(transition))[1]


def _improve(
    returns: FloatArray, mean: FloatArray, vol: FloatArray, transition: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """A round of expectation and maximisation, of all models at once; smoothing serves the fit alone."""
    density = _density(returns, mean, vol)
    forward, _ = _forward(density, transition, _long_run(transition))
    smoothed, moves = _smoothed(forward, transition)
    known = np.isfinite(returns)
    weight, seen = smoothed[known], returns[known][:, None, None]
    total = np.maximum(weight.sum(axis=0), 1e-300)
    weighed = weight / vol**2
    mean = ((weighed * seen).sum(axis=(0, 2)) / weighed.sum(axis=(0, 2)))[:, None]
    vol = np.sqrt((weight * (seen - mean) ** 2).sum(axis=0) / total)
    moves = np.maximum(moves, 1e-10)
    return mean, np.maximum(vol, _FLOOR), moves / moves.sum(axis=2, keepdims=True)


def _finish(
    returns: FloatArray, mean: FloatArray, vol: FloatArray, transition: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The greatest likelihood near a model, by a quasi-Newton search; its slopes are taken all at once."""
    from scipy.optimize import minimize

    states = len(vol)

    def read(points: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        logits = points[:, 1 + states :].reshape(len(points), states, states - 1)
        logits = np.concatenate([logits, np.zeros((len(points), states, 1))], axis=2)
        share = np.exp(logits - logits.max(axis=2, keepdims=True))
        share = share / share.sum(axis=2, keepdims=True)
        return points[:, :1], np.exp(points[:, 1 : 1 + states]), share

    def slope(point: FloatArray) -> tuple[float, FloatArray]:
        step = 1e-5 * np.eye(len(point))
        found = _likelihood(returns, *read(np.concatenate([point[None], point + step, point - step])))
        up, down = np.split(found[1:], 2)
        return -float(found[0]), (down - up) / 2e-5

    logits = np.log(transition[:, :-1] / transition[:, -1:])
    begin = np.concatenate([mean, np.log(vol), logits.ravel()])
    limits = [(-10.0, 10.0)] + [(math.log(_FLOOR), 5.0)] * states + [(-25.0, 25.0)] * (states * (states - 1))
    found = minimize(
        *(slope, np.clip(begin, *np.array(limits).T)),
        jac=True,
        method="L-BFGS-B",
        bounds=limits,
        options={"maxiter": _FINISH, "ftol": 1e-13},
    )
    mean, vol, transition = read(np.asarray(found.x)[None])
    return mean[0], vol[0], transition[0]

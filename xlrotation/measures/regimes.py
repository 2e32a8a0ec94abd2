"""Regimes: a Markov-switching model of returns, filtered (Hamilton, 1989) and fitted by maximum likelihood."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from xlrotation.measures import switching
from xlrotation.measures.arrays import FloatArray

LEAST = 60
"""Returns that a state needs, at least."""

_ROUNDS, _MORE, _FINISH = 20, 60, 400
"""Rounds from all starts, most rounds from those that go on, and most steps of the search that ends them."""

_AT_ONCE = 10
"""Rounds after which those that go on are compared: models on one way need not all go it, and few rise for long."""

_KEPT = {2: 6, 3: 24}
"""Starts that go on, by states: of three, the highest peak may be that of an unlikely one after the first rounds."""

_SETTLED = 1e-13
"""Log-likelihood that a step of the search would still gain, below which it ends."""

_REACH = 25.0
"""Logarithm of how much likelier one move may be than another."""

_SAME, _ON_ONE_WAY = 0.01, 0.001
"""Log-likelihoods this close are one peak, and before the end one way to it; so are volatilities, as shares."""

_RISES = 1e-6
"""Log-likelihood that these rounds must gain for one model at least, or the search that ends them takes over."""

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
    found = switching.forward(density.T[:, :, None], transition[None], first[None])
    return np.ascontiguousarray(found.shares[:, :, 0].T), float(found.likelihood[0])


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
    heights = _likelihood(scaled, *models)
    models = _climbed(scaled, _some(models, np.argsort(-heights, kind="stable")[: _KEPT[states]].tolist()))
    models = _finish(scaled, _some(models, _different(models, _likelihood(scaled, *models), _SAME)))
    heights = _likelihood(scaled, *models).tolist()
    highest = int(np.argmax(heights))
    mean, vol, transition = (part[highest] for part in models)
    rivals = sorted((height for height in heights if height < heights[highest] - _SAME), reverse=True)
    order = np.argsort(vol, kind="stable")
    vol, transition = vol[order], transition[np.ix_(order, order)]
    filtered, likelihood = hamilton_filter(
        _density(scaled, mean[None], vol[None])[:, :, 0].T, transition, _long_run(transition[None])[0]
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
        models = _improve(returns, *models)[0]
    return models


def _climbed(returns: FloatArray, models: Models) -> Models:
    """The models after more rounds; of two states, those alone that are on ways of their own, and while one rises.

    Peaks of three states are so flat that a search from another place ends on other last digits.
    """
    if models[1].shape[1] > 2:
        return _rounds(returns, models, _MORE)
    before = np.full(len(models[0]), -np.inf)
    for _ in range(_MORE // _AT_ONCE):
        models = _rounds(returns, models, _AT_ONCE)
        heights = _likelihood(returns, *models)
        if (heights - before < _RISES).all():
            break
        apart = _different(models, heights, _ON_ONE_WAY)
        models, before = _some(models, apart), heights[apart]
    return models


def _some(models: Models, which: list[int]) -> Models:
    mean, vol, transition = models
    return mean[which], vol[which], transition[which]


def _points(mean: FloatArray, vol: FloatArray, transition: FloatArray) -> FloatArray:
    """``(models, parameters)``: models as points without bounds between them.

    No chance is less than what the limits let: where the last one were, cutting logits off would level the others.
    """
    chance = np.maximum(transition, math.exp(-_REACH))
    logits = np.log(chance[:, :, :-1] / chance[:, :, -1:])
    return np.concatenate([mean, np.log(vol), logits.reshape(len(mean), -1)], axis=1)


def _read(points: FloatArray, states: int) -> Models:
    """The models at points."""
    logits = points[:, 1 + states :].reshape(len(points), states, states - 1)
    logits = np.concatenate([logits, np.zeros((len(points), states, 1))], axis=2)
    share = np.exp(logits - logits.max(axis=2, keepdims=True))
    share = share / share.sum(axis=2, keepdims=True)
    return points[:, :1], np.exp(points[:, 1 : 1 + states]), share


def _limits(states: int) -> list[tuple[float, float]]:
    """Where points may lie."""
    return [(-10.0, 10.0)] + [(math.log(_FLOOR), 5.0)] * states + [(-_REACH, _REACH)] * (states * (states - 1))


def _different(models: Models, heights: FloatArray, same: float) -> list[int]:
    """The models that are on their way to different peaks, the likeliest first."""
    found: list[int] = []
    for one in np.argsort(-heights, kind="stable").tolist():
        vol = np.sort(models[1][one])
        if not any(
            heights[other] - heights[one] < same and np.allclose(np.sort(models[1][other]), vol, rtol=same)
            for other in found
        ):
            found.append(one)
    return found


def _density(returns: FloatArray, mean: FloatArray, vol: FloatArray) -> FloatArray:
    """``(states, sessions, models)`` normal densities, 1 where there is no return."""
    wide = np.ascontiguousarray(vol.T)[:, None]  # the passes go along models: they must be what lies side by side
    off = (returns[:, None] - mean[:, 0]) / wide
    density = np.exp(-0.5 * off * off) / (wide * math.sqrt(2.0 * math.pi))
    found: FloatArray = np.where(np.isfinite(off), np.maximum(density, 1e-280), 1.0)
    return found


def _long_run(transition: FloatArray) -> FloatArray:
    """``(models, states)`` probabilities of the states in the long run."""
    states = transition.shape[-1]
    system = np.concatenate([np.eye(states) - transition.swapaxes(1, 2), np.ones((len(transition), 1, states))], axis=1)
    found = np.clip(np.linalg.pinv(system)[:, :, -1], 1e-12, None)
    shares: FloatArray = found / found.sum(axis=1, keepdims=True)
    return shares


def _likelihood(returns: FloatArray, mean: FloatArray, vol: FloatArray, transition: FloatArray) -> FloatArray:
    return switching.forward(_density(returns, mean, vol), transition, _long_run(transition)).likelihood


def _improve(
    returns: FloatArray, mean: FloatArray, vol: FloatArray, transition: FloatArray
) -> tuple[Models, FloatArray]:
    """A round of expectation and maximisation, of all models at once, and how likely they were before it."""
    smoothed, likelihood, moves = switching.smooth(_density(returns, mean, vol), transition, _long_run(transition))
    known = np.isfinite(returns)
    weight, seen = smoothed[:, known], returns[known][:, None]
    total = np.maximum(weight.sum(axis=1), 1e-300)
    variance = vol.T**2
    sums, squares = (weight * seen).sum(axis=1), (weight * seen**2).sum(axis=1)
    level = (sums / variance).sum(axis=0) / (total / variance).sum(axis=0)
    spread = np.maximum(squares - 2.0 * level * sums + level**2 * total, 0.0) / total
    moves = np.maximum(moves, 1e-10).transpose(2, 0, 1)
    found = level[:, None], np.maximum(np.sqrt(spread).T, _FLOOR), moves / moves.sum(axis=2, keepdims=True)
    return found, likelihood


def _slopes(returns: FloatArray, points: FloatArray, states: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The log-likelihoods at points, and how they change there: what the smoothed states expect (Fisher).

    Returns:
        ``(models,)`` log-likelihoods, ``(models, parameters)`` slopes and, of the same shape, how much each slope would
        change if the states were known.
    """
    mean, vol, transition = _read(points, states)
    share = _long_run(transition)
    smoothed, likelihood, moves = switching.smooth(_density(returns, mean, vol), transition, share)
    known = np.isfinite(returns)
    weight, off = smoothed[:, known], (returns[known][:, None] - mean[:, 0]) / vol.T[:, None]
    by_mean = ((weight * off).sum(axis=1) / vol.T).sum(axis=0)
    by_vol = (weight * (off**2 - 1.0)).sum(axis=1)
    # The states' shares before the first return change with the transitions, too.
    turn = np.linalg.inv(np.eye(states) - transition + share[:, None])
    pull = transition * share[:, :, None] * (turn @ (smoothed[:, 0].T / share)[:, :, None]).swapaxes(1, 2)
    pull += moves.transpose(2, 0, 1)
    by_move = pull - transition * pull.sum(axis=2, keepdims=True)
    slopes = np.column_stack([by_mean, by_vol.T, by_move[:, :, :-1].reshape(len(points), -1)])
    weights = weight.sum(axis=1).T
    by_chance = smoothed[:, :-1].sum(axis=1).T[:, :, None] * (transition * (1.0 - transition))[:, :, :-1]
    bends = np.column_stack([(weights / vol**2).sum(axis=1), 2.0 * weights, by_chance.reshape(len(points), -1)])
    return likelihood, slopes, np.maximum(bends, 1e-2)


def _finish(returns: FloatArray, models: Models) -> Models:
    """The greatest likelihood near each model, by a quasi-Newton search (BFGS) of all at once."""
    states = models[1].shape[1]
    low, high = np.array(_limits(states)).T
    point = np.clip(_points(*models), low, high)
    height, slope, bend = _slopes(returns, point, states)
    one = np.eye(point.shape[1])
    turn = one / bend[:, :, None]
    step, going = np.ones(len(point)), np.ones(len(point), bool)
    held = np.zeros(point.shape, bool)
    for _ in range(_FINISH):
        before, held = held, ((point <= low) & (slope < 0.0)) | ((point >= high) & (slope > 0.0))
        free = np.where(held, 0.0, slope)
        way = np.where(held, 0.0, (turn @ free[:, :, None])[:, :, 0])
        anew = (held != before).any(axis=1) | ~((way * free).sum(axis=1) > 0.0) | (step < 1e-8)
        turn[anew], way[anew], step[anew] = (one / bend[:, :, None])[anew], (free / bend)[anew], 1.0
        going &= (way * free).sum(axis=1) > _SETTLED
        if not going.any():
            break
        tried = np.clip(point + step[:, None] * way, low, high)
        moved = tried - point
        there, steeper, bending = height.copy(), slope.copy(), bend.copy()
        there[going], steeper[going], bending[going] = _slopes(returns, tried[going], states)
        risen = there >= height + 1e-4 * (slope * moved).sum(axis=1) - 1e-11  # less is rounding
        taken = going & risen
        bent = slope - steeper
        along = (moved * bent).sum(axis=1)
        for place in np.flatnonzero(taken & (along > 1e-14)).tolist():
            s, y, rho = moved[place], bent[place], 1.0 / along[place]
            left = one - rho * np.outer(s, y)
            turn[place] = left @ turn[place] @ left.T + rho * np.outer(s, s)
        point, height = np.where(taken[:, None], tried, point), np.where(taken, there, height)
        slope, bend = np.where(taken[:, None], steeper, slope), np.where(taken[:, None], bending, bend)
        step = np.where(taken, 1.0, step * 0.5)
    return _read(point, states)

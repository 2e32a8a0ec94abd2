"""The search for the likeliest regimes: its slopes, and that no long climb from any start ends higher."""

from __future__ import annotations

import numpy as np
import pytest

from xlrotation.measures import regimes, switching


def returns_of(seed: int, count: int, states: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    vol, stays = {2: (0.006, 0.02), 3: (0.004, 0.012, 0.04)}[states], random.uniform(0.9, 0.98, states)
    state, found = 0, np.empty(count)
    for place in range(count):
        if random.random() > stays[state]:
            state = (state + 1) % states
        found[place] = random.normal(0.0003, vol[state])
    found[random.integers(0, count, 3)] = np.nan
    return found


@pytest.mark.parametrize("states", [2, 3])
def test_slopes_are_those_of_the_likelihood(states: int) -> None:
    returns = returns_of(1, 200, states)
    scaled = returns / np.nanstd(returns)
    points = regimes._points(*regimes._starts(states))
    points += np.random.default_rng(2).normal(0, 0.1, points.shape)
    _, slopes, bends = regimes._slopes(scaled, points, states)
    for place, step in enumerate(1e-5 * np.eye(points.shape[1])):
        up, down = (regimes._likelihood(scaled, *regimes._read(points + sign * step, states)) for sign in (1, -1))
        assert slopes[:, place] == pytest.approx((up - down) / 2e-5, rel=1e-6, abs=1e-5)
    assert (bends > 0).all()


@pytest.mark.parametrize(
    ("seed", "count", "states"), [(3, 300, 2), (4, 756, 2), (5, 150, 2), (6, 260, 3), (10, 260, 3)]
)
def test_no_climb_from_any_start_ends_higher(seed: int, count: int, states: int) -> None:
    """Expectation and maximisation alone, hundreds of rounds: each climbs, and none above what the search found."""
    returns = returns_of(seed, count, states)
    known = returns[np.isfinite(returns)]
    scaled, less = (returns - known.mean()) / known.std(), len(known) * np.log(known.std())
    models = regimes._rounds(scaled, regimes._starts(states), 180)
    ends = regimes._likelihood(scaled, *models)
    found = regimes.fit(returns, states)
    assert found is not None
    assert found.log_likelihood >= ends.max() - less - 1e-9


def test_long_products_neither_vanish_nor_overflow() -> None:
    """Returns far from what either state expects, twenty years of them."""
    returns = np.where(np.arange(5040) % 500 == 0, 40.0, 0.5)
    models = tuple(part[:1] for part in regimes._starts(2))
    forward, likelihood = switching.forward(
        regimes._density(returns, models[0], models[1] * 0.3), models[2], regimes._long_run(models[2])
    )
    assert np.isfinite(likelihood).all()
    assert np.allclose(forward.sum(axis=0), 1.0)
    state, total = regimes._long_run(models[2])[0], 0.0
    for place, density in enumerate(regimes._density(returns, models[0], models[1] * 0.3)[:, :, 0].T):
        state = (state @ models[2][0] if place else state) * density
        total += np.log(state.sum())
        state = state / state.sum()
    assert likelihood[0] == pytest.approx(total, rel=1e-12)
    assert forward[:, -1, 0] == pytest.approx(state, abs=1e-12)


@pytest.mark.parametrize("row", [(0.6, 0.4, 1e-14), (0.6, 1e-14, 0.4), (1e-14, 1e-13, 1.0), (1.0, 1e-14, 1e-14)])
def test_the_search_begins_where_the_rounds_ended(row: tuple[float, ...]) -> None:
    """A move that never happens, be it to the last state, must not make the others of its row alike."""
    transition = np.array([[row, (0.1, 0.8, 0.1), (0.2, 0.2, 0.6)]])
    points = regimes._points(np.zeros((1, 1)), np.ones((1, 3)), transition)
    low, high = np.array(regimes._limits(3)).T
    assert regimes._read(np.clip(points, low, high), 3)[2] == pytest.approx(transition, abs=1e-10)


def test_the_search_ends_no_lower_than_it_began() -> None:
    returns = returns_of(10, 260, 3)
    scaled = (returns - np.nanmean(returns)) / np.nanstd(returns)
    models = regimes._rounds(scaled, regimes._starts(3), 80)
    ended = regimes._finish(scaled, models)
    assert (regimes._likelihood(scaled, *ended) >= regimes._likelihood(scaled, *models) - 1e-9).all()

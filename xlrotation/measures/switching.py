"""Passes over a chain of hidden states, forward and backward in time, for many models at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xlrotation.measures.arrays import FloatArray

_BLOCK = 9
"""Steps that are multiplied up before the product is brought back to a size that neither vanishes nor overflows."""


class Filtered(NamedTuple):
    """What a pass forward in time gives.

    Attributes:
        shares: ``(states, sessions, models)`` filtered probabilities.
        likelihood: ``(models,)`` log-likelihoods.
    """

    shares: FloatArray
    likelihood: FloatArray


class Smoothed(NamedTuple):
    """What passes forward and backward in time give together.

    Attributes:
        shares: ``(states, sessions, models)`` smoothed probabilities.
        likelihood: ``(models,)`` log-likelihoods.
        moves: ``(states, states, models)`` expected moves from the first axis to the second.
    """

    shares: FloatArray
    likelihood: FloatArray
    moves: FloatArray


def forward(density: FloatArray, transition: FloatArray, first: FloatArray) -> Filtered:
    """The filter: from the second session on a step moves, then weighs.

    Args:
        density: ``(states, sessions, models)`` densities of what was observed.
        transition: ``(models, states, states)``, rows sum to 1.
        first: ``(models, states)`` probabilities before the first session.
    """
    weights, begin, likelihood = _begun(density, first)
    shares, scale = _chained(begin, transition.transpose(1, 2, 0), weights[:, 1:])
    return Filtered(shares, scale + likelihood)


def smooth(density: FloatArray, transition: FloatArray, first: FloatArray) -> Smoothed:
    """Probabilities given all that was observed, before and after a session: they serve the fit alone.

    Backward in time goes how likely what comes later is by the state of a session, up to a factor for each session.
    Both ways go at once, as if backward there were as many models more.

    Args:
        density: As of :func:`forward`, and so on.
        transition: The same.
        first: The same.
    """
    models = density.shape[2]
    move = transition.transpose(1, 2, 0)  # (states, states, models)
    weights, begin, likelihood = _begun(density, first)
    last = weights[:, -1] / np.add.reduce(weights[:, -1])
    shares, scale = _chained(
        np.concatenate([begin, last], axis=1),
        np.concatenate([move, move.swapaxes(0, 1)], axis=2),
        np.concatenate([weights[:, 1:], weights[:, -2::-1]], axis=2),
    )
    filtered, before = shares[:, :, :models], shares[:, :-1, :models]
    later = shares[:, -2::-1, models:]  # of each session but the first
    smoothed = np.empty(filtered.shape)
    smoothed[:, -1] = filtered[:, -1]
    earlier = np.multiply(move[:, 0, None], later[0], out=smoothed[:, :-1])
    for state in range(1, len(later)):
        earlier += move[:, state, None] * later[state]
    earlier *= before
    total = np.add.reduce(earlier)
    earlier /= total
    moves = move * np.einsum("itm,jtm->ijm", before, later / total)
    return Smoothed(smoothed, scale[:models] + likelihood, moves)


def _begun(density: FloatArray, first: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Where both ways begin: densities in that of the session's likeliest state, and the first session's probabilities.

    With the part of the log-likelihoods that is known with these.
    """
    highest = np.maximum.reduce(density)
    weights = density / highest
    begin = first.T * weights[:, 0]
    total = np.add.reduce(begin)
    return weights, begin / total, np.log(total) + np.log(highest).sum(axis=0)


def _chained(begin: FloatArray, move: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Probabilities moved on by one step after another, and the logarithms of what the steps leave of their sum.

    The sessions are cut into short blocks, and what each block does to any beginning is multiplied up in all of them
    at once; the blocks are linked in the same way, so that Python steps through a few sessions only.

    Args:
        begin: ``(states, models)`` probabilities.
        move: ``(states, states, models)``, from the first axis to the second, in every step.
        weights: ``(states, sessions - 1, models)``, what a state counts for after the move.

    Returns:
        ``(states, sessions, models)`` and ``(models,)``.
    """
    states, models = begin.shape
    rows = weights.shape[1] + 1
    size = _size(rows)
    blocks = -(-rows // size)
    padded = np.ones((states, blocks * size, models))
    padded[:, 1:rows] = weights
    placed = np.ascontiguousarray(padded.reshape(states, blocks, size, models).transpose(2, 0, 1, 3))
    wide = np.repeat(move[:, :, None], blocks, axis=2)
    products = np.empty((size, *wide.shape))
    np.multiply(wide, placed[0], out=products[0])
    products[0, :, :, 0] = np.eye(states)[:, :, None]  # before the first session there is no step
    room = np.empty(wide.shape)
    for place in range(1, size):
        made = _multiplied(products[place - 1], wide, products[place], room)
        made *= placed[place]
    return _joined(begin, products, rows)


def _linked(begin: FloatArray, steps: FloatArray) -> tuple[FloatArray, FloatArray]:
    """As :func:`_chained`, of steps ``(states, states, sessions - 1, models)`` that differ."""
    states, models = begin.shape
    rows = steps.shape[2] + 1
    size = _size(rows)
    blocks = -(-rows // size)
    padded, none = np.empty((states, states, blocks * size, models)), np.eye(states)[:, :, None]
    padded[:, :, 1:rows] = steps
    padded[:, :, 0] = none
    padded[:, :, rows:] = none[:, :, None]
    placed = np.ascontiguousarray(padded.reshape(states, states, blocks, size, models).transpose(3, 0, 1, 2, 4))
    products = np.empty(placed.shape)
    products[0] = placed[0]
    room = np.empty(products.shape[1:])
    for place in range(1, size):
        _multiplied(products[place - 1], placed[place], products[place], room)
    return _joined(begin, products, rows)


def _size(rows: int) -> int:
    """Sessions of a block: a few more where one block holds all."""
    return rows if rows <= _BLOCK + 3 else _BLOCK


def _multiplied(left: FloatArray, right: FloatArray, out: FloatArray, room: FloatArray) -> FloatArray:
    """Products of matrices on the first two axes, into *out*."""
    np.multiply(left[:, :1], right[0], out=out)
    for state in range(1, len(right)):
        out += np.multiply(left[:, state, None], right[state], out=room)
    return out


def _joined(begin: FloatArray, products: FloatArray, rows: int) -> tuple[FloatArray, FloatArray]:
    """What :func:`_chained` gives, from ``(size, states, states, blocks, models)`` products within the blocks."""
    states, blocks = products.shape[2:4]
    begins, scale = begin[:, None], np.zeros(begin.shape[1])
    if blocks > 1:
        whole = products[-1, :, :, :-1]
        total = np.add.reduce(whole, axis=(0, 1))
        begins, scale = _linked(begin, whole / total)
        scale = scale + np.add.reduce(np.log(total))
    out = begins[0] * products[:, 0]
    for state in range(1, states):
        out += begins[state] * products[:, state]
    total = np.add.reduce(out, axis=1)
    out /= total[:, None]
    # (size, states, blocks, models): back into the order of the sessions
    ordered = out.transpose(1, 2, 0, 3).reshape(states, -1, begin.shape[1])[:, :rows]
    return ordered, scale + np.log(total[(rows - 1) % len(products), -1])

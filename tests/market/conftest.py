"""Fixtures of the tests that fetch."""

import pytest

from tests.market.answers import client_of, serving


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server that answers as Yahoo and FRED do, and an empty store."""
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))
    with serving() as running:
        yield running


@pytest.fixture
def client(server):
    with client_of(server) as session:
        yield session

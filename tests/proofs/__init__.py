"""Each worksheet function against a number that somebody else computed.

A test names what it proves: ``@pytest.mark.proves("PX_RET", by="The Motley Fool, 2026-01-29")``. It must call the
function, and it must run on every machine. :mod:`tests.proofs.catalogue` collects the marks; ``python -m tests.proofs``
writes them into docs/methods.md.
"""

"""XML edited by its bytes, against lxml, which knows nothing of bytes."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from xlrotation.workbook.package.splice import Edits, Element, parse, plain_xml, with_attribute

NAMES = st.sampled_from(["a", "b", "x:c", "c.d", "e-f"])
TEXTS = st.text(
    st.characters(min_codepoint=32, exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=8
)


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    name = draw(NAMES)
    attributes = draw(st.dictionaries(st.sampled_from(["r", "s", "x:t"]), TEXTS, max_size=3))
    space = draw(st.sampled_from([" ", "  ", "\n "]))
    tag = "".join((name, *(f"{space}{key}={quoteattr(value)}" for key, value in attributes.items())))
    if depth == 0 or draw(st.booleans()):
        return f"<{tag}{draw(st.sampled_from(['', ' ']))}/>"
    inside = draw(st.lists(st.one_of(elements(depth=depth - 1), TEXTS.map(escape)), max_size=4))
    return f"<{tag}>{''.join(inside)}</{name}{draw(st.sampled_from(['', ' ']))}>"


def document(inside: list[str]) -> bytes:
    return ('<?xml version="1.0"?>\r\n<root xmlns:x="urn:x">' + "".join(inside) + "</root>").encode()


def every(element: Element) -> list[Element]:
    return [element, *(other for child in element.children for other in every(child))]


@given(st.lists(elements(), max_size=4))
def test_elements_are_where_they_say(inside: list[str]) -> None:
    data = document(inside)
    mine, theirs = every(parse(data)), list(etree.fromstring(data).iter())
    assert [element.name for element in mine] == [etree.QName(element).localname for element in theirs]
    for element, other in zip(mine, theirs, strict=True):
        assert list(element.attributes.values())[element is mine[0] :] == list(other.attrib.values())
        assert (element.text or "") == (other.text or "")
        piece = data[element.start : element.end]
        alone = etree.fromstring(piece if element is mine[0] else b'<r xmlns:x="urn:x">' + piece + b"</r>")
        expected = alone if element is mine[0] else alone[0]
        assert etree.tostring(expected, method="c14n", with_tail=False).count(b"<") == etree.tostring(
            other, method="c14n", with_tail=False
        ).count(b"<")


@given(st.lists(elements(), min_size=1, max_size=4), st.data())
def test_an_edit_changes_nothing_else(inside: list[str], data: st.DataObject) -> None:
    before = document(inside)
    chosen = data.draw(st.sampled_from(every(parse(before))[1:] or [parse(before)]))
    edits = Edits(before)
    edits.set(chosen, {"new": "<&\"'>"})
    after = edits.apply()
    assert after[: chosen.start] == before[: chosen.start]
    assert after.endswith(before[chosen.inside :])
    again = next(element for element in every(parse(after)) if element.start == chosen.start)
    assert again.attributes == {**chosen.attributes, "new": "<&\"'>"}
    undo = Edits(after)
    undo.set(again, {"new": None})
    assert parse(undo.apply()).name == "root"
    removal = Edits(before)
    removal.remove(chosen)
    assert removal.apply() == before[: chosen.start] + before[chosen.end :]


def test_attributes_are_found_by_name_and_not_inside_others() -> None:
    tag = b"""<c  note=" r='9'" r = 'A1'\n s="1"/>"""
    assert with_attribute(tag, "r", "B2") == b"""<c  note=" r='9'" r="B2"\n s="1"/>"""
    assert with_attribute(tag, "s", None) == b"""<c  note=" r='9'" r = 'A1'/>"""
    assert with_attribute(tag, "t", None) == tag
    assert with_attribute(b"<c>", "t", "s") == b'<c t="s">'


def test_pruning_takes_empty_holders_along_and_leaves_the_tree_to_others() -> None:
    data = b"<a><hold><x/><y/></hold><hold><x/></hold><z/></a>"
    root = parse(data)
    first, second = (holder for holder in root.children if holder.name == "hold")
    for _ in range(2):  # the second time as if nobody had edited before
        edits = Edits(data)
        edits.prune(second.children[0], "hold")
        assert edits.apply() == b"<a><hold><x/><y/></hold><z/></a>"
        edits.prune(first.children[1], "hold")
        assert edits.left(first) == first.children[:1]
        assert edits.apply() == b"<a><hold><x/></hold><z/></a>"
        edits.prune(first.children[0], "hold")
        assert edits.apply() == b"<a><z/></a>"


def test_no_edit_gives_the_same_object() -> None:
    data = b"<a b='1'/>"
    edits = Edits(data)
    edits.set(parse(data), {"b": "1"})
    assert edits.apply() is data


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "utf-8-sig"])
def test_other_encodings(encoding: str) -> None:
    name = encoding.removesuffix("-sig")
    data = f'<?xml version="1.0" encoding="{name}"?><a>é</a>'.encode(encoding)
    assert parse(plain_xml(data)).text == "é"


@pytest.mark.parametrize(
    "data", [b"", b"<a>", b"<a></b>", b"<!DOCTYPE a><a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>']
)
def test_what_is_no_plain_xml_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"no element|mismatch|not well|unclosed|document type"):
        parse(data)

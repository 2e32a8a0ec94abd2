"""Files of translators, read as the programs of translators read them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from hypothesis import given
from hypothesis import strategies as st

from xlrotation.languages import catalogues, po

FOLDER = Path(catalogues.__file__).parent
TEXTS = st.text(
    st.sampled_from('abc{}"\\\t\n #~%,中é|:') | st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"])
)


def by_babel(content: str) -> dict[tuple[str, str], str]:
    found = read_po(io.BytesIO(content.encode()), abort_invalid=True)
    return {(message.context or "", message.id): message.string for message in found if message.id}


def ours(content: str) -> dict[tuple[str, str], str]:
    return {(entry.context, entry.text): entry.translation for entry in po.read(content) if entry.text}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.po*")), ids=lambda path: path.name)
def test_the_files_read_as_babel_reads_them(path: Path) -> None:
    content = path.read_text("utf-8")
    assert len(ours(content)) > 1000
    assert ours(content) == by_babel(content)


@given(st.dictionaries(st.tuples(TEXTS, TEXTS.filter(bool)), TEXTS))
def test_what_is_written_is_read_again_by_us_and_by_babel(texts: dict[tuple[str, str], str]) -> None:
    entries = [po.Entry("", "", "Content-Type: text/plain; charset=UTF-8\n")]
    entries += [po.Entry(context, text, told) for (context, text), told in texts.items()]
    content = po.written(entries, ("a comment",))
    assert ours(content) == texts
    assert by_babel(content) == texts


@given(st.dictionaries(TEXTS.filter(str.strip), TEXTS), st.sampled_from([20, 76, 0]), st.booleans())
def test_what_babel_writes_is_read(texts: dict[str, str], width: int, windows: bool) -> None:
    catalog = Catalog("de")
    for text, told in texts.items():
        catalog.add(text, told, locations=[("a.py", 1)], auto_comments=["b"], user_comments=["c"], context="d")
    file = io.BytesIO()
    write_po(file, catalog, width=width)
    content = file.getvalue().decode()
    found = ours(content.replace("\n", "\r\n") if windows else content)
    assert found == {("d", text): told for text, told in texts.items()}


def test_what_needs_no_reading_is_passed_over() -> None:
    content = """# of a translator

#, fuzzy, python-brace-format
msgid "a"
msgstr "A"
#~ msgid "old"
#~ msgstr "OLD"

#: place.py:3
#| msgid "before"
msgctxt "c"
msgid ""
"b"
  "b"
msgstr "B" """
    assert list(po.read(content)) == [po.Entry("", "a", "A", 3, True), po.Entry("c", "bb", "B", 9)]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('msgid "a"\nmsgstr "A\n', 1),
        ('msgid "a"\nmsgstr "A"\n\nmsgid "b"\n', 4),
        ('# note\n\nmsgid "a"\nmsgid_plural "as"\nmsgstr[0] "A"\n', 3),
        ('msgid "a"\nmsgstr "A" x\n', 1),
        ("nonsense", 1),
        ('msgstr "A"\n', 1),
        ('msgid "a"\nmsgstr "A"\n\nmsgid "b"\nmsgstr "{\n', 4),
    ],
)
def test_what_is_no_entry_is_refused_with_its_line(content: str, line: int) -> None:
    with pytest.raises(po.PoError, match=f"^line {line}: no entry"):
        list(po.read(content))


@pytest.mark.parametrize(
    ("text", "told", "why"),
    [
        ("{a} and {b}", "{b}", "lacks {a}"),
        ("{a}", "{a} {c}", "{c} is no place"),
        ("{a:.1f}", "{a:.2f}", "{a:.2f} is no place"),
        ("{a}", "{a", "expected '}'"),
        ("{a}", "{}", "a place is {name}"),
        ("{a}", "{a!r}", "conversion"),
        ("plain", "{a}", "{a} is no place"),
        ("{a:?x|y}", "{a:pp}", "{a:pp} is no place"),
    ],
)
def test_a_translation_fits_its_text(text: str, told: str, why: str) -> None:
    content = po.written([po.Entry("", "", ""), po.Entry("", text, told)])
    with pytest.raises(po.PoError) as raised:
        catalogues._loaded(content)
    assert str(raised.value).startswith("line 4: ")
    assert why in str(raised.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{a} and {b:.1f}", "{b:.1f}, {a}"),
        ("{a} {a:#x|xs}", "{a} {a:#x|y|z}"),
        ("{a:pp} {a:?up|down}", "{a:pp} {a:?hinauf|hinunter}"),
        ("{a:pp}", "{a:pp} and {a:pp}"),
        ("{a} {a:#x|xs}", "{a}"),
        ("an array {1;2}", "eine Matrix {1;2}"),
    ],
)
def test_words_may_stand_in_another_order(text: str, told: str) -> None:
    content = po.written([po.Entry("", "", ""), po.Entry("", text, told)])
    assert catalogues._loaded(content).texts == {("", text): told}


def test_a_text_that_stands_twice_is_refused() -> None:
    content = po.written(
        [po.Entry("", "", ""), po.Entry("c", "a", "A"), po.Entry("", "a", "A"), po.Entry("c", "a", "B")]
    )
    with pytest.raises(po.PoError, match=r"^line 11: 'a' for the second time"):
        catalogues._loaded(content)

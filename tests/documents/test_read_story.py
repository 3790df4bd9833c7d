"""Reading stories: lines, paragraphs, dialogue, front matter, encodings, and what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kamishibai.documents.read_story import MAX_BYTES, parse_story, read_story
from kamishibai.errors import DocumentError


def lines(data: str | bytes) -> list[str]:
    return [line.text for line in parse_story(data).story.lines]


def test_one_line_is_one_scene_and_keeps_its_number() -> None:
    story = parse_story("A fox ran.\n\nIt stopped. It sat.\r\nThe end came.").story
    assert [(line.number, line.text) for line in story.lines] == [
        (1, "A fox ran."),
        (3, "It stopped. It sat."),
        (4, "The end came."),
    ]


def test_a_paragraph_is_split_into_scenes_of_a_sentence_or_a_few() -> None:
    text = (
        "The fox liked to run. It liked to jump over stones. One day it found a lantern in the old forest near the "
        "mill. Nobody knew whose it was. Mr. Owl said it cost $5.50. The fox sat down and waited for somebody to come."
    )
    found = lines(text)
    assert " ".join(found) == text
    assert len(found) >= 3
    assert all(5 <= len(line.split()) <= 25 for line in found)
    assert any("Mr. Owl said it cost $5.50." in line for line in found)


def test_text_that_an_editor_wrapped_is_one_paragraph() -> None:
    text = (
        "The fox went into the forest because it had heard that there\n"
        "was a lantern in it. The lantern was said to burn for ever and\nnever to need any oil at all."
    )
    found = lines(text)
    assert " ".join(found) == text.replace("\n", " ")
    assert len(found) == 2


def test_a_poem_keeps_its_lines() -> None:
    assert len(lines("Roses are red\nViolets are blue\nSugar is sweet\nAnd so are you")) == 4


def test_a_very_long_sentence_is_cut_at_a_clause() -> None:
    text = (
        "The lantern glowed softly in the grass, and the fox, who had never seen such a thing before in all his life, sat "
        "down beside it and waited; but nobody came until the moon had risen over the hills and gone down again."
    )
    found = lines(text)
    assert " ".join(found) == text
    assert all(len(line.split()) <= 32 for line in found)
    assert all(line[-1] in ",;." for line in found)


@pytest.mark.parametrize(
    ("line", "speaker", "said"),
    [
        ('Mira: "Hello!"', "Mira", "Hello!"),
        ("Captain Tom: Full sail ahead!", "Captain Tom", "Full sail ahead!"),
        ("The Fox: Where am I?", "The Fox", "Where am I?"),
        (
            '"Come in," said the old fox, and smiled.',
            "the old fox",
            '"Come in," said the old fox, and smiled.',
        ),
        ("“Who is there?” whispered Ben.", "Ben", "“Who is there?” whispered Ben."),
        ('Tom said, "I am here."', "Tom", 'Tom said, "I am here."'),
        ('"Where?" she asked.', "she", '"Where?" she asked.'),
        ("Once upon a time: there was a fox.", None, "Once upon a time: there was a fox."),
        ("The fox ran.", None, "The fox ran."),
        ("Note: this is no speech", None, "Note: this is no speech"),
    ],
)
def test_dialogue_keeps_its_speaker(line: str, speaker: str | None, said: str) -> None:
    (read,) = parse_story(line).story.lines
    assert (read.speaker, read.text) == (speaker, said)


def test_markdown_marks_are_not_read_aloud() -> None:
    text = (
        "# The *Fox*\n\n<!-- a note\nover two lines -->\n- A **bold** fox [ran](http://x.y) home.\n> It was _late_.\n"
        "***\n```\nNo *more* than `this`.\n```\n2 * 3 * 4 and snake_case_word and \\*stars\\*"
    )
    story = parse_story(text).story
    assert story.title == "The Fox"
    assert [line.text for line in story.lines] == [
        "A bold fox ran home.",
        "It was late.",
        "No more than this.",
        "2 * 3 * 4 and snake_case_word and *stars*",
    ]


def test_front_matter_sets_the_film() -> None:
    text = (
        "---\ntitle: The Lantern\nlanguage: en-GB\nvoice: hibari\nlook: ink\naspect: 9:16\nseed: 12\nauthor: Ada\n"
        "cast:\n  Mira: a girl with red hair\n  Rex: {noun: dog, colour: brown}\n---\nMira ran."
    )
    story = parse_story(text).story
    assert (story.title, story.language, story.voice, story.look) == ("The Lantern", "en-GB", "hibari", "ink")
    assert (story.aspect, story.seed, story.author) == ("9:16", 12, "Ada")
    assert [(c.id, c.name, c.description, c.noun) for c in story.cast] == [
        ("mira", "Mira", "a girl with red hair", ""),
        ("rex", "Rex", "", "dog"),
    ]
    assert story.lines[0].number == 13


@pytest.mark.parametrize(
    ("matter", "line", "message"),
    [
        ("titel: x", 2, "did you mean 'title'?"),
        ("title: x\nseed: many", 3, "whole number"),
        ("aspect: 3:2", 2, "not one of 16:9"),
        ("title: a: b", 2, "not valid YAML"),
        ("title: [a, b]", 2, "a word or a sentence"),
        ("cast:\n  Rex: {nown: dog}", 3, "did you mean 'noun'?"),
        ("cast:\n  Rex: 12", 3, "in words"),
        ("title: a\ntitle: b", 3, "written twice"),
        ("language: english!", 2, "language code"),
    ],
)
def test_a_mistake_in_the_front_matter_has_a_line_and_a_way_out(matter: str, line: int, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_story(f"---\n{matter}\n---\nA fox.", source="fox.md")
    assert f"fox.md, line {line}" in str(caught.value)
    assert message in str(caught.value)


def test_a_rule_across_the_page_is_no_front_matter() -> None:
    assert lines("---\n\nHello world\n\n---\n\nGoodbye") == ["Hello world", "Goodbye"]


@pytest.mark.parametrize(
    ("data", "text", "note"),
    [
        ("Café".encode(), "Café", None),
        ("Café".encode("utf-8-sig"), "Café", None),
        ("Café".encode("utf-16"), "Café", None),
        ("Café".encode("utf-16-be"), "Café", "UTF-16"),
        ("Café – “so”".encode("cp1252"), "Café – “so”", "Windows-1252"),
        (b"Caf\xe9 \x81", "Café", "Latin-1"),
        (b"A \x00fox\x07 ran", "A fox ran", "2 control characters"),
        ("Cafe\u0301".encode(), "Café", None),
    ],
)
def test_any_encoding_is_read_and_a_guess_is_told(data: bytes, text: str, note: str | None) -> None:
    reading = parse_story(data)
    assert reading.story.lines[0].text == text
    assert (note is None and not reading.notes) or any(str(note) in n for n in reading.notes)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        (b"\x00\x00", "is empty"),
        (b"...!? -- ***", "no words"),
        (b"---\ntitle: x\n---\n", "no story below"),
        (b"%PDF-1.7 blah", "a PDF"),
        (b"PK\x03\x04 docx", "ZIP"),
        (b"x" * (MAX_BYTES + 1), "5 MB is the most"),
        ("\n".join(f"Line {i}." for i in range(501)).encode(), "501 scenes.*500 at most"),
    ],
)
def test_what_is_no_story_is_refused_with_a_reason_and_a_hint(data: bytes, message: str) -> None:
    with pytest.raises(DocumentError, match=message) as caught:
        parse_story(data)
    assert caught.value.hint


def test_the_edges_that_are_allowed() -> None:
    assert lines("🦊🏮") == ["🦊🏮"]
    assert lines("Hello") == ["Hello"]
    assert len(lines("\n".join(f"Line {i}." for i in range(500)))) == 500
    assert all(len(line) <= 2000 for line in lines("a" * 20_000))
    assert lines("'%{}' {\\an8} <lora:x:9> a < b") == ["'%{}' {\\an8} <lora:x:9> a < b"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The fox ran into the forest.", "en"),
        ("كان هناك ثعلب صغير.", "ar"),
        ("从前有一只狐狸。", "zh"),
        ("昔々、森に狐がいました。", "ja"),
        ("작은 여우가 있었습니다.", "ko"),
        ("היה היה שועל קטן.", "he"),
        ("Жила-была маленькая лиса.", "ru"),
        ("एक छोटी लोमड़ी थी।", "hi"),
        ("มีสุนัขจิ้งจอกตัวหนึ่ง", "th"),
        ("Der kleine Fuchs war in dem Wald und hatte eine Laterne.", "de"),
        ("Le petit renard était dans la forêt et il avait une lanterne.", "fr"),
        ("El zorro era pequeño y vivía en el bosque con una linterna.", "es"),
        ("Il piccolo zorro era nella foresta con una lanterna e non aveva paura.", "it"),
        ("A raposa era pequena e não tinha uma lanterna, mas o seu amigo tinha.", "pt"),
        ("De kleine vos was in het bos en hij had een lantaarn.", "nl"),
        ("Qux blorp zim.", "en"),
    ],
)
def test_the_language_is_guessed_from_script_and_common_words(text: str, language: str) -> None:
    assert parse_story(text).story.language == language


def test_chinese_and_japanese_are_split_at_their_own_full_stops() -> None:
    sentence = "从前有一只小狐狸住在森林里它很喜欢月亮。"
    found = lines(sentence * 4)
    assert "".join(found) == sentence * 4
    assert len(found) >= 2
    assert all(line.endswith("。") for line in found)


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("my_first-story.txt", "A fox.", "My first story"),
        ("a.md", "# The Fox\nA fox.", "The Fox"),
        ("a.md", "The Fox\n=======\nA fox.", "The Fox"),
        ("a.md", "---\ntitle: ../../x\n---\n# Fox\nA fox.", "../../x"),
    ],
)
def test_the_title_comes_from_the_front_matter_the_heading_or_the_file(
    tmp_path: Path, name: str, text: str, title: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert read_story(path).story.title == title


def test_without_a_file_the_first_words_are_the_title() -> None:
    assert (
        parse_story("A small fox found a lantern in the forest.").story.title
        == "A small fox found a lantern …"
    )


def test_a_missing_file_names_the_one_that_was_meant(tmp_path: Path) -> None:
    (tmp_path / "lantern.md").write_text("A fox.")
    with pytest.raises(DocumentError, match="no such file") as caught:
        read_story(tmp_path / "lantren.md")
    assert "lantern.md" in str(caught.value.hint)


def test_a_folder_or_an_impossible_name_is_no_traceback(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / ("x" * 5000), Path("a\0b")):
        with pytest.raises(DocumentError):
            read_story(path)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda s: s.encode("utf-8", "replace")))
def test_no_bytes_give_a_traceback(data: bytes) -> None:
    refused: DocumentError | None = None
    read: list[str] = []
    try:
        read = lines(data)
    except DocumentError as error:
        refused = error
    assert (refused is not None and refused.where is not None) or all(line.strip() for line in read)

"""recorded_story: a story out of what was heard of a recording: sentences become lines, pauses become paragraphs."""

from __future__ import annotations

from collections.abc import Sequence

import yaml

from kamishibai.documents.languages import is_spaceless
from kamishibai.documents.read_story import MAX_SCENES
from kamishibai.documents.split_scenes import LONG, SHORT, measure, sentences
from kamishibai.documents.takes import Transcript, Word

__all__ = ["story_from_recording", "story_text"]

PARAGRAPH_S = 1.6
"""A pause this long after a sentence opens a paragraph."""
RUN_ON_S = 0.5
"""Where an ear writes no full stops, a pause this long ends what has grown to a line."""
TOGETHER_S = 0.9
"""A short sentence that follows within this time shares its neighbour's line."""

GHOST = 0.3
"""A word less likely than this may be none."""
_ENDS = ".!?…。！？؟।"


def story_from_recording(transcript: Transcript) -> str:
    """Return the text of a story with a line a scene, at least one and at most 500, and a blank line a paragraph.

    Every word of the transcript is in it, in order, as it was heard; except for what an ear made of the last breath,
    unlikely words after the end of the last sentence.

    Raises
    ------
    ValueError
        When no word was heard.
    """
    words = _without_ghosts(transcript.words)
    if not words:
        raise ValueError("a transcript without words makes no story")
    paragraphs = [
        [line for sentence in _sentences(paragraph) for line in _cut(sentence)]
        for paragraph in _paragraphs(words)
    ]
    room = LONG
    while True:
        joined = [_joined(lines, room) for lines in paragraphs]
        if sum(map(len, joined)) <= MAX_SCENES:
            break
        # A film has no more scenes: longer lines, then fewer paragraphs.
        room *= 2
        if room > 8 * LONG:
            paragraphs = [[line for lines in paragraphs for line in lines]]
    return "\n\n".join("\n".join(_text(line) for line in lines) for lines in joined) + "\n"


def story_text(transcript: Transcript, title: str) -> str:
    """Return a story file for people to edit: front matter with title and language, then the lines."""
    front = yaml.safe_dump(
        {"title": title, "language": transcript.language}, allow_unicode=True, sort_keys=False, width=1000
    )
    return f"---\n{front}---\n\n{story_from_recording(transcript)}"


Line = list[Word]


def _without_ghosts(words: Sequence[Word]) -> Line:
    last = len(words)
    while last and words[last - 1].probability < GHOST:
        last -= 1
    return list(words[:last] if last and _ends(words[last - 1]) else words)


def _paragraphs(words: Sequence[Word]) -> list[Line]:
    out: list[Line] = [[]]
    unmarked = not any(_ends(word) for word in words)  # an ear that writes no full stops
    for word in words:
        paused = out[-1] and word.start - out[-1][-1].end >= PARAGRAPH_S
        if paused and (unmarked or _ends(out[-1][-1])):
            out.append([])
        out[-1].append(word)
    return out


def _sentences(words: Line) -> list[Line]:
    """Return the words of each sentence, as a rule-based splitter (pysbd) finds them in the text."""
    text, owners = "", []
    for index, word in enumerate(words):
        piece = word.text if is_spaceless(word.text) or not text else f" {word.text}"
        text += piece
        owners += [index] * len(piece)
    out: list[Line] = []
    at = taken = 0
    for sentence in sentences(text):
        found = text.find(sentence, at)
        if found < 0:
            continue  # its spaces were changed: it stays with the next one
        at = found + len(sentence)
        last = owners[at - 1] + 1
        if last > taken:
            out.append(list(words[taken:last]))
            taken = last
    if taken < len(words):
        out.append(list(words[taken:]))
    return out


def _cut(sentence: Line) -> list[Line]:
    """Part a sentence that goes on for too long where the voice paused."""
    out: list[Line] = [[]]
    for word in sentence:
        long = out[-1] and measure(_text(out[-1])) >= LONG
        if long and word.start - out[-1][-1].end >= RUN_ON_S:
            out.append([])
        out[-1].append(word)
    return out


def _joined(lines: Sequence[Line], room: int) -> list[Line]:
    """Put short sentences that follow closely into one line, up to `room` words."""
    out: list[Line] = []
    for line in lines:
        near = out and line[0].start - out[-1][-1].end < (TOGETHER_S if room == LONG else 1e9)
        size = measure(_text(line))
        before = measure(_text(out[-1])) if out else 0
        short = min(size, before) < SHORT or room > LONG
        if near and short and size + before <= room:
            out[-1] = [*out[-1], *line]
        else:
            out.append(line)
    return out


def _text(words: Sequence[Word]) -> str:
    text = ""
    for word in words:
        text += word.text if not text or is_spaceless(word.text) else f" {word.text}"
    return text


def _ends(word: Word) -> bool:
    return word.text.rstrip("\"'”’»)")[-1:] in _ENDS

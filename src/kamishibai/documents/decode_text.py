"""Turn the bytes of a text file into clean text, and say what had to be guessed or removed."""

from __future__ import annotations

import codecs
import re
import unicodedata

from kamishibai.errors import DocumentError

__all__ = ["decode_text"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_MAGIC = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive (DOCX, ODT and EPUB are such)"),
    (b"\xd0\xcf\x11\xe0", "an old Word document"),
    (b"{\\rtf", "an RTF document"),
    (b"RIFF", "a sound or film file"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x7fELF", "a program"),
)
# Everything in Cc but tab and newline, lone surrogates, non-characters, and invisible characters that
# only upset a caption: byte-order marks, zero-width spaces and explicit direction overrides.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\u200b\u2060\ufdd0-\ufdef\ufffe\uffff"
    "\u202a-\u202e\u2066-\u2069]"
)


def decode_text(data: bytes, source: str) -> tuple[str, tuple[str, ...]]:
    """Return the text in `data` with ``\\n`` line ends, in NFC, and notes on what was guessed or removed.

    UTF-8 with or without a byte-order mark, UTF-16 and UTF-32 with one, UTF-16 without one where the
    zero bytes show it, else Windows-1252, which any byte can be read as.

    Raises
    ------
    DocumentError
        When the bytes are plainly another kind of file.
    """
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise DocumentError(
                f"this is {what}, not a text",
                where=source,
                hint="save the story as plain text (.txt) or Markdown (.md) and give that file",
            )
    text, notes = _decode(data)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    text = text.replace("\x85", "\n").replace("\u00a0", " ").replace("\u00ad", "")
    text, removed = _UNWANTED.subn("", text)
    if removed:
        notes.append(
            f"{removed} control character{'s were' if removed > 1 else ' was'} removed from {source}"
        )
    return unicodedata.normalize("NFC", text), tuple(notes)


def _decode(data: bytes) -> tuple[str, list[str]]:
    for bom, encoding, name in _BOMS:
        if data.startswith(bom):
            text = data[len(bom) :].decode(encoding, errors="replace")
            bad = text.count("\ufffd")
            return text, [f"{bad} characters are not valid {name}"] if bad else []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        # ASCII in UTF-16 is also valid UTF-8, with a zero byte beside every letter.
        if text.count("\x00") <= len(text) // 3:
            return text, []
    for encoding, zeros in (("utf-16-le", data[1::2]), ("utf-16-be", data[0::2])):
        if zeros and zeros.count(0) > 0.7 * len(zeros):
            return data.decode(encoding, errors="replace"), [
                "read as UTF-16, though nothing at its head says so"
            ]
    if b"\x00" in data and _is_utf8(data):
        return data.decode("utf-8"), []
    text = data.decode("cp1252", errors="replace")
    if "\ufffd" in text:
        text = data.decode("latin-1")
        return text, [
            "read as Latin-1, because it is not valid UTF-8; save it as UTF-8 if letters look wrong"
        ]
    return text, [
        "read as Windows-1252, because it is not valid UTF-8; save it as UTF-8 if letters look wrong"
    ]


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True

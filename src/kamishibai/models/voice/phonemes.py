"""From spoken words to the phoneme ids of Hibari's network, each id knowing which word it sounds in."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from kamishibai.documents.spoken import SpokenWord
from kamishibai.models.voice.pronunciations import PRONUNCIATIONS

__all__ = ["PhonemeReader"]


class PhonemeReader:
    """Turns spoken words into phonemes and phoneme ids, remembering which word each belongs to."""

    def __init__(self, g2p: Any) -> None:
        self._g2p = g2p
        text = (files("hibari") / "assets" / "vocab.json").read_text(encoding="utf-8")
        self._ids: dict[str, int] = json.loads(text)

    def phonemes(self, words: Sequence[SpokenWord]) -> list[str]:
        """Return each word's phonemes with the punctuation that follows it."""
        texts = [self._text(word) for word in words]
        line = " ".join(texts)
        owner = np.repeat(np.arange(len(texts)), [len(t) + 1 for t in texts])
        tokens = self._g2p.tokenize(line)
        self._respell(tokens)
        tokens = self._g2p.phonemize_tokens(tokens)
        out = [""] * len(texts)
        at = 0
        for token in tokens:
            found = line.find(token.text, at)
            at = found if found >= 0 else at
            word = int(owner[min(at, len(owner) - 1)])
            out[word] += (token.phonemes or "") + (" " if token.whitespace else "")
            at += len(token.text)
        # A full stop after initials ("P.M.") is taken for one of theirs; the melody needs it back.
        heard = [phonemes.strip() for phonemes in out]
        return [
            p if not w.mark or p.endswith(w.mark) else p + w.mark for p, w in zip(heard, words, strict=True)
        ]

    def ids(self, words: Sequence[SpokenWord]) -> tuple[list[int], npt.NDArray[np.int64]]:
        """Return the ids for the network, and for each id the index of the word it sounds in, or -1.

        Spaces, punctuation and the pads at both ends sound in no word.
        """
        ids, owner = [0], [-1]
        for index, phonemes in enumerate(self.phonemes(words)):
            if index:
                ids.append(self._ids[" "])
                owner.append(-1)
            for phoneme in phonemes:
                if phoneme in self._ids:
                    ids.append(self._ids[phoneme])
                    owner.append(-1 if phoneme in ";:,.!?—…" else index)
        return [*ids, 0], np.asarray([*owner, -1])

    def _text(self, word: SpokenWord) -> str:
        return self._spelled(" ".join(self._known(part) for part in word.spoken.split())) + word.mark

    def _respell(self, tokens: Sequence[Any]) -> None:
        """Give tokens of our own table their phonemes, with those of a possessive 's behind them."""
        stem = ""
        for token in tokens:
            if stem and token.text in {"'s", "'S"}:
                token.phonemes, token.rating = str(self._g2p.lexicon._s(stem))[len(stem) :], 5
                stem = ""
                continue
            stem = PRONUNCIATIONS.get(token.text.casefold(), "")
            if stem:
                token.phonemes, token.rating = stem, 5

    def _known(self, word: str) -> str:
        """Return `word`, without its accents when only so the dictionary has it (naïve, façade)."""
        word = unicodedata.normalize("NFC", word).replace("’", "'")
        if word.isascii() or word.casefold() in PRONUNCIATIONS:
            return word
        plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
        return plain if plain.lower() in self._g2p.lexicon.golds else word

    def _spelled(self, spoken: str) -> str:
        """Write letters that are said one by one as the dictionary reads them: ``F B I`` as ``FBI``."""
        parts = spoken.split(" ")
        if len(parts) < 2:
            return spoken
        out: list[str] = []
        for part in parts:
            single = len(part.rstrip("'s")) == 1 and part[:1].isupper()
            if single and out and out[-1].endswith("\0"):
                out[-1] = f"{out[-1][:-1]}.{part}\0"
            else:
                out.append(f"{part}\0" if single else part)
        return " ".join(part.replace("\0", "") for part in out)

"""Nouns of other languages, as far as the emoji have names in them: 狐狸, zorro, Fuchs, ثعلب are all the fox."""

from __future__ import annotations

import re
from functools import lru_cache

import emoji

from kamishibai.documents.languages import is_spaceless

__all__ = ["LANGUAGES", "symbols_in"]

LANGUAGES = frozenset({"es", "ja", "ko", "pt", "it", "fr", "de", "fa", "id", "zh", "ru", "tr", "ar"})
_ENDINGS = {
    "de": ("en", "es", "e", "n", "s"), "fr": ("s", "x"), "es": ("es", "s"), "pt": ("es", "s"),
    "it": ("i", "e"), "ru": ("а", "у", "ом", "е", "ы", "и", "ой", "ю"), "tr": ("lar", "ler", "yi", "i", "ı"),
}  # fmt: skip


@lru_cache(maxsize=4)
def _names(language: str) -> dict[str, str]:
    """Return emoji by their name in `language`, names of one word only."""
    emoji.config.load_language(language)
    names: dict[str, str] = {}
    for symbol, data in emoji.EMOJI_DATA.items():
        name = str(data.get(language, "")).strip(":").replace("_", " ").lower()
        face = re.sub(
            r"(^(?:cara|rosto|visage|tête|muso) de |gesicht$|的脸$|脸$|の顔$| 얼굴$|^وجه )", "", name
        )
        for spelled in (name, face):
            if spelled and " " not in spelled and len(spelled) >= (1 if is_spaceless(spelled) else 3):
                names.setdefault(spelled, symbol)
    return names


def symbols_in(text: str, language: str) -> list[str]:
    """Return the emoji of the things that `text` names, in its order; empty for languages without names."""
    code = language.split("-")[0]
    if code not in LANGUAGES:
        return []
    names = _names(code)
    if is_spaceless(text):
        longest = sorted(
            (n for n in names if len(n) >= 2 or n in "狐猫犬馬花月星鳥魚木"), key=lambda n: (-len(n), n)
        )
        found: list[tuple[int, str]] = []
        for name in longest:
            at = text.find(name)
            if at >= 0:
                found.append((at, names[name]))
                text = text.replace(name, "\0" * len(name))
        return [symbol for _, symbol in sorted(found)]
    return [
        names[form]
        for word in re.findall(r"[^\W\d_]+", text.lower())
        for form in _forms(word, code)[:9]
        if form in names
    ][:8]


def _forms(word: str, language: str) -> list[str]:
    """Return `word` and what it may be without its article or ending."""
    forms = [word]
    if language == "ar":
        forms += [word.removeprefix(p) for p in ("ال", "وال", "بال", "لل", "و") if word.startswith(p)]
    for ending in _ENDINGS.get(language, ()):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            forms += [word.removesuffix(ending)]
            if language == "it":
                forms += [word.removesuffix(ending) + vowel for vowel in "oae"]
            if language == "ru":
                forms += [word.removesuffix(ending) + vowel for vowel in ("а", "я")]
    return list(dict.fromkeys(forms))

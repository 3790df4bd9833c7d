"""Guess the language of a story from its script and, for Latin letters, from its commonest words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

__all__ = ["guess_language", "is_spaceless"]

_SCRIPTS = {
    "ARABIC": "ar", "HANGUL": "ko", "HEBREW": "he", "CYRILLIC": "ru", "DEVANAGARI": "hi", "THAI": "th",
    "GREEK": "el", "ARMENIAN": "hy", "GEORGIAN": "ka", "BENGALI": "bn", "TAMIL": "ta", "TELUGU": "te",
    "GUJARATI": "gu", "GURMUKHI": "pa", "KANNADA": "kn", "MALAYALAM": "ml", "SINHALA": "si", "KHMER": "km",
    "LAO": "lo", "MYANMAR": "my", "ETHIOPIC": "am", "TIBETAN": "bo",
}  # fmt: skip
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_STOP_WORDS = {
    "de": "der die das und ist ein eine nicht mit auf dem den von sie war im zu als auch hatte wie aus einen einem",
    "fr": "le la les des et est une un dans pour qui sur avec pas elle il était au du que se ses son ce petite petit",
    "es": "el la los las y es una un en que por con no se del su era al muy como más pero cuando había pequeño",
    "it": "il lo gli di che è una un per con non si del della era nel alla sono come più ma quando aveva piccolo",
    "pt": "o os as e é uma um em que não com se do da era no na por mais mas quando foi muito tinha pequeno",
    "nl": "de het een en is van in op te dat niet met zijn was hij zij haar maar voor aan ook toen kleine naar",
    "en": "the a and of to in is was it that he she with his her they on for were had as at by not but from",
}
_WORDS_OF = {language: frozenset(words.split()) for language, words in _STOP_WORDS.items()}


def is_spaceless(text: str) -> bool:
    """Say whether most letters of `text` belong to a script that writes no spaces between words."""
    letters = sum(1 for c in text if c.isalpha())
    return letters > 0 and len(_SPACELESS.findall(text)) * 2 > letters


def guess_language(text: str) -> str:
    """Return the ISO 639 code of the language `text` seems to be in; ``en`` when in doubt."""
    sample = text[:20_000]
    counts: Counter[str] = Counter()
    for char in sample:
        if char.isalpha():
            counts[unicodedata.name(char, "?").split()[0]] += 1
    if not counts:
        return "en"
    kana = counts["HIRAGANA"] + counts["KATAKANA"] + counts["KATAKANA-HIRAGANA"]
    script, most = counts.most_common(1)[0]
    if kana and kana * 10 > counts["CJK"] and kana + counts["CJK"] >= most:
        return "ja"
    if script == "CJK":
        return "zh"
    if script == "CYRILLIC":
        return "uk" if re.search("[іїєґ]", sample.lower()) else "ru"
    if script == "ARABIC":
        return "fa" if re.search("[پچژگ]", sample) else "ar"
    if script != "LATIN":
        return _SCRIPTS.get(script, "en")
    return _guess_latin(sample)


def _guess_latin(sample: str) -> str:
    words = re.findall(r"[^\W\d_]+", sample.lower())
    scores = {language: sum(word in stops for word in words) for language, stops in _WORDS_OF.items()}
    best = max(sorted(scores), key=lambda language: scores[language])
    # A foreign word or two in an English story, or a short line, is no proof.
    clear = scores[best] >= 3 and scores[best] >= 0.12 * len(words) and scores[best] >= 1.4 * scores["en"]
    return best if clear else "en"

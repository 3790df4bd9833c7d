"""The three-letter codes (ISO 639-3) that stand for a language of a BCP 47 tag, for models that are named by them."""

from __future__ import annotations

__all__ = ["codes_of", "same_language"]

_CODES = {
    "af": "afr", "am": "amh", "ar": "ara arb", "as": "asm", "az": "aze azj azb", "ba": "bak", "be": "bel", "bg": "bul",
    "bn": "ben", "bo": "bod", "bs": "bos", "ca": "cat", "cs": "ces", "cv": "chv", "cy": "cym", "da": "dan", "de": "deu",
    "dv": "div", "dz": "dzo", "ee": "ewe", "el": "ell", "en": "eng", "eo": "epo", "es": "spa", "et": "est ekk",
    "eu": "eus", "fa": "fas pes prs", "fi": "fin", "fj": "fij", "fo": "fao", "fr": "fra", "ga": "gle", "gl": "glg",
    "gn": "grn gug", "gu": "guj", "ha": "hau", "he": "heb", "hi": "hin", "hr": "hrv", "ht": "hat", "hu": "hun",
    "hy": "hye", "id": "ind", "ig": "ibo", "is": "isl", "it": "ita", "ja": "jpn", "jv": "jav", "ka": "kat",
    "kk": "kaz", "km": "khm", "kn": "kan", "ko": "kor", "ku": "kur kmr ckb", "ky": "kir", "la": "lat", "lb": "ltz",
    "lg": "lug", "ln": "lin", "lo": "lao", "lt": "lit", "lv": "lav lvs", "mg": "mlg plt", "mi": "mri", "mk": "mkd",
    "ml": "mal", "mn": "mon khk", "mr": "mar", "ms": "msa zlm zsm", "mt": "mlt", "my": "mya", "nb": "nob", "ne": "nep npi",
    "nl": "nld", "nn": "nno", "no": "nor nob nno", "ny": "nya", "oc": "oci", "om": "orm gaz", "or": "ori ory",
    "os": "oss", "pa": "pan", "pl": "pol", "ps": "pus pbt", "pt": "por", "qu": "que quz", "rn": "run", "ro": "ron",
    "ru": "rus", "rw": "kin", "sa": "san", "sd": "snd", "si": "sin", "sk": "slk", "sl": "slv", "sm": "smo", "sn": "sna",
    "so": "som", "sq": "sqi als", "sr": "srp", "su": "sun", "sv": "swe", "sw": "swa swh", "ta": "tam", "te": "tel",
    "tg": "tgk", "th": "tha", "ti": "tir", "tk": "tuk", "tl": "tgl fil", "fil": "tgl fil", "tr": "tur", "tt": "tat",
    "ug": "uig", "uk": "ukr", "ur": "urd", "uz": "uzb uzn", "vi": "vie", "wo": "wol", "xh": "xho", "yi": "yid",
    "yo": "yor", "yue": "yue", "zh": "zho cmn", "zu": "zul",
}  # fmt: skip
"""Two letters and the three-letter codes in use for them: of the language, and of the form of it that is meant."""


def codes_of(tag: str) -> frozenset[str]:
    """Return every code that a BCP 47 tag's language goes by: ``pt-BR`` gives ``pt`` and ``por``."""
    primary = tag.strip().lower().replace("_", "-").split("-")[0]
    codes = {primary, *_CODES.get(primary, "").split()}
    codes |= {two for two, three in _CODES.items() if primary in three.split()}
    return frozenset(codes)


def same_language(one: str, other: str) -> bool:
    """Say whether two tags, of two letters or of three, name one language."""
    return bool(codes_of(one) & codes_of(other))

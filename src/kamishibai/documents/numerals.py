"""Numbers in English words: cardinals, ordinals, years, decades, decimals, fractions, roman numerals."""

from __future__ import annotations

import re

__all__ = ["cardinal", "decade", "decimal", "digits", "fraction", "number", "ordinal", "roman", "year"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ONES = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
TENS = ("", "", *_words("twenty thirty forty fifty sixty seventy eighty ninety"))
SCALES = ("", "thousand", "million", "billion", "trillion", "quadrillion", "quintillion")
ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
ROMAN_SHAPE = re.compile(r"M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})")
LARGEST = 10 ** (3 * len(SCALES))


def _below_thousand(n: int) -> str:
    words = []
    if n >= 100:
        words.append(f"{ONES[n // 100]} hundred")
        n %= 100
        if n:
            words.append("and")
        else:
            return words[0]
    if n >= 20:
        words.append(TENS[n // 10] + (f"-{ONES[n % 10]}" if n % 10 else ""))
    else:
        words.append(ONES[n])
    return " ".join(words)


def cardinal(n: int) -> str:
    """Return `n` in words, British style: ``one thousand two hundred and five``; digit by digit beyond 10^21."""
    if n < 0:
        return f"minus {cardinal(-n)}"
    if n >= LARGEST:
        return digits(str(n))
    if n < 1000:
        return _below_thousand(n)
    groups = []
    rest, scale = n, 0
    while rest:
        rest, group = divmod(rest, 1000)
        if group:
            groups.append((group, scale))
        scale += 1
    groups.reverse()
    words = [f"{_below_thousand(group)} {SCALES[scale]}".strip() for group, scale in groups]
    if groups[-1][1] == 0 and groups[-1][0] < 100:
        words.insert(len(words) - 1, "and")
    return " ".join(words)


def ordinal(n: int) -> str:
    """Return the ordinal of `n`: ``twenty-third``, ``one hundredth``."""
    head, separator, last = re.fullmatch(r"(.*?)([ -]?)([a-z]+)", cardinal(n)).groups()  # type: ignore[union-attr]
    if last in ORDINALS:
        last = ORDINALS[last]
    elif last.endswith("y"):
        last = f"{last[:-1]}ieth"
    else:
        last = f"{last}th"
    return f"{head}{separator}{last}"


def year(n: int) -> str:
    """Return a year as it is said: ``nineteen oh five``, ``two thousand and five``, ``twenty twenty-four``."""
    high, low = divmod(n, 100)
    if not 1000 <= n <= 9999 or (high % 10 == 0 and low < 10):
        return cardinal(n)
    if low == 0:
        return f"{cardinal(high)} hundred"
    return f"{cardinal(high)} {'oh ' if low < 10 else ''}{cardinal(low)}"


def decade(n: int) -> str:
    """Return a decade as it is said: ``nineteen nineties``, ``nineties`` (for 90), ``two thousands``."""
    words = year(n) if n >= 100 else cardinal(n)
    if words.endswith("y"):
        return f"{words[:-1]}ies"
    return f"{words}s"


def digits(text: str) -> str:
    """Return the digits of `text` one by one."""
    return " ".join(ONES[int(character)] for character in text if character in "0123456789")


def decimal(text: str) -> str:
    """Return ``3.14`` as ``three point one four``; `text` holds ASCII digits and at most one point."""
    whole, _, part = text.partition(".")
    words = cardinal(int(whole or "0"))
    return f"{words} point {digits(part)}" if part else words


def number(text: str) -> str:
    """Return digits with thousands commas, a point or a leading sign in words: ``-1,250.5``."""
    sign = "minus " if text[:1] in {"-", "−"} else "plus " if text[:1] == "+" else ""
    bare = text.lstrip("+-−").replace(",", "")
    if len(bare) > 1 and bare[0] == "0" and "." not in bare:
        return sign + digits(bare)
    return sign + decimal(bare)


def fraction(above: int, below: int) -> str:
    """Return a fraction in words: ``one half``, ``three quarters``, ``two fifths``."""
    names = {2: "half", 4: "quarter"}
    name = names.get(below) or ordinal(below)
    if above != 1:
        name = "halves" if below == 2 else f"{name}s"
    return f"{cardinal(above)} {name}"


def roman(text: str) -> int | None:
    """Return the value of a well-formed roman numeral in capitals, or None."""
    if not text or not ROMAN_SHAPE.fullmatch(text):
        return None
    values = [ROMAN[letter] for letter in text]
    return sum(-v if v < after else v for v, after in zip(values, [*values[1:], 0], strict=True))

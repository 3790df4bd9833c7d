"""Tables for reading English aloud: abbreviations, units, currencies, acronyms, names that kings bear."""

from __future__ import annotations

__all__ = [
    "ABBREVIATIONS", "COUNTED", "CURRENCIES", "MAGNITUDES", "MONTHS", "MONTH_NAMES", "NEVER_ENDS", "NUMBERED", "ROYAL", "SAID_AS_WORD",
    "SPELLED", "STARTERS", "SYMBOLS", "TITLES", "UNITS",
]  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES = {
    "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Dr": "Doctor", "Prof": "Professor", "St": "Saint",
    "Mt": "Mount", "Ft": "Fort", "Gen": "General", "Gov": "Governor", "Sen": "Senator", "Capt": "Captain",
    "Lt": "Lieutenant", "Col": "Colonel", "Sgt": "Sergeant", "Cmdr": "Commander", "Rev": "Reverend",
    "Hon": "Honourable", "Cpl": "Corporal", "Maj": "Major", "Adm": "Admiral", "Fr": "Father", "Sr": "Sister",
}  # fmt: skip
"""Said in full before a name, with a full stop or, for the first few, without."""

NEVER_ENDS = frozenset(TITLES) | {
    "No",
    "Nos",
    "vs",
    "approx",
    "e.g",
    "i.e",
    "cf",
    "Fig",
    "fig",
    "Vol",
    "vol",
    "pp",
}
"""Abbreviations whose full stop never ends a sentence in the middle of a line."""

ABBREVIATIONS = {
    "etc.": "et cetera", "e.g.": "for example", "i.e.": "that is", "cf.": "compare", "vs.": "versus",
    "vs": "versus", "approx.": "approximately", "Jr.": "Junior", "Sr.": "Senior", "Esq.": "Esquire",
    "Ave.": "Avenue", "Blvd.": "Boulevard", "Rd.": "Road", "Ln.": "Lane", "Hwy.": "Highway", "Sq.": "Square",
    "Apt.": "Apartment", "Bldg.": "Building", "Ltd.": "Limited", "Inc.": "Incorporated",
    "Corp.": "Corporation", "Co.": "Company", "Bros.": "Brothers", "Dept.": "Department",
    "dept.": "department", "est.": "established", "Vol.": "Volume", "vol.": "volume", "Fig.": "Figure",
    "fig.": "figure", "Ch.": "Chapter", "pp.": "pages", "w/": "with", "w/o": "without",
    "a.k.a.": "also known as", "aka": "also known as", "AKA": "also known as", "P.S.": "P S", "p.s.": "P S",
    "R.S.V.P.": "R S V P", "RSVP": "R S V P", "Jan.": "January", "Feb.": "February", "Mar.": "March",
    "Apr.": "April", "Jun.": "June", "Jul.": "July", "Aug.": "August", "Sept.": "September",
    "Sep.": "September", "Oct.": "October", "Nov.": "November", "Dec.": "December", "Tues.": "Tuesday",
    "Thurs.": "Thursday", "Wed.": "Wednesday", "'n'": "and", "n'": "and", "'til": "until", "OK": "okay",
    "ok": "okay", "O.K.": "okay", "and/or": "and or", "w/out": "without",
}  # fmt: skip

MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
MONTHS = frozenset(MONTH_NAMES) | _words("Jan. Feb. Mar. Apr. Jun. Jul. Aug. Sept. Sep. Oct. Nov. Dec.")

UNITS = {
    "km": ("kilometre", "kilometres"), "m": ("metre", "metres"), "cm": ("centimetre", "centimetres"),
    "mm": ("millimetre", "millimetres"), "mi": ("mile", "miles"), "ft": ("foot", "feet"),
    "ft.": ("foot", "feet"), "in.": ("inch", "inches"), "yd": ("yard", "yards"), "yds": ("yard", "yards"),
    "kg": ("kilogram", "kilograms"), "g": ("gram", "grams"), "mg": ("milligram", "milligrams"),
    "lb": ("pound", "pounds"), "lbs": ("pound", "pounds"), "lb.": ("pound", "pounds"),
    "lbs.": ("pound", "pounds"), "oz": ("ounce", "ounces"), "oz.": ("ounce", "ounces"),
    "l": ("litre", "litres"), "L": ("litre", "litres"), "ml": ("millilitre", "millilitres"),
    "mL": ("millilitre", "millilitres"), "cl": ("centilitre", "centilitres"),
    "km/h": ("kilometre per hour", "kilometres per hour"), "kph": ("kilometre per hour", "kilometres per hour"),
    "mph": ("mile per hour", "miles per hour"), "m/s": ("metre per second", "metres per second"),
    "s": ("second", "seconds"), "sec": ("second", "seconds"), "secs": ("second", "seconds"),
    "min": ("minute", "minutes"), "mins": ("minute", "minutes"), "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"), "h": ("hour", "hours"), "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"), "ºC": ("degree Celsius", "degrees Celsius"),
    "°": ("degree", "degrees"), "%": ("percent", "percent"), "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"), "GB": ("gigabyte", "gigabytes"), "MB": ("megabyte", "megabytes"),
    "KB": ("kilobyte", "kilobytes"), "TB": ("terabyte", "terabytes"), "W": ("watt", "watts"),
    "kW": ("kilowatt", "kilowatts"), "V": ("volt", "volts"), "km²": ("square kilometre", "square kilometres"),
    "m²": ("square metre", "square metres"), "m³": ("cubic metre", "cubic metres"), "p": ("penny", "pence"),
    "¢": ("cent", "cents"),
}  # fmt: skip
"""Singular and plural, said after a number."""

CURRENCIES = {
    "£": ("pound", "pounds", "penny", "pence"), "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"), "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"), "₩": ("won", "won", "jeon", "jeon"),
    "US$": ("dollar", "dollars", "cent", "cents"), "A$": ("dollar", "dollars", "cent", "cents"),
    "C$": ("dollar", "dollars", "cent", "cents"),
}  # fmt: skip
MAGNITUDES = {
    "k": "thousand", "K": "thousand", "m": "million", "M": "million", "bn": "billion", "b": "billion",
    "B": "billion", "thousand": "thousand", "million": "million", "billion": "billion",
    "trillion": "trillion", "hundred": "hundred",
}  # fmt: skip
COUNTED = frozenset({"hundred", "thousand", "million", "billion", "trillion"})

SYMBOLS = {
    "&": "and", "@": "at", "+": "plus", "=": "equals", "%": "percent", "×": "times", "÷": "divided by",
    "±": "plus or minus", "<": "less than", ">": "greater than", "≤": "at most", "≥": "at least",
    "≈": "about", "~": "about", "°": "degrees", "§": "section", "©": "copyright", "№": "number",
    "$": "dollars", "£": "pounds", "€": "euros", "#": "number", "→": "to", "π": "pi", "α": "alpha", "β": "beta",
    "γ": "gamma", "δ": "delta", "Δ": "delta", "θ": "theta", "λ": "lambda", "μ": "mu", "µ": "micro", "σ": "sigma",
    "Ω": "omega", "ω": "omega", "∞": "infinity",
}  # fmt: skip

SPELLED = _words(
    "USA US UK EU UN UAE USSR FBI CIA BBC CNN NBC ABC CBS PBS NHS NYPD LAPD TV DVD CD PC DJ UFO DNA RNA VIP CEO PhD "
    "ATM FAQ GPS LED LCD HQ ID IQ PE RSVP SOS TNT AI AC DC AD BC BCE CE PM AM MP NBA NFL NYC LA DC WC HIV ICU "
    "UV USB URL HTML CPU GPU DIY BBQ IOU MIT IBM EMT EU OJ PJ PJs TLC XYZ LOL OMG"
)
"""Written in capitals and read letter by letter, though they have a vowel or look like a word."""

SAID_AS_WORD = _words(
    "HMM HMMM SHH SHHH SH PSST PFFT PFF BRR BRRR GRR GRRR TSK ZZZ ZZ MMM MM NTH CRWTH HM TCH PST MY BY FLY SKY TRY WHY "
    "DRY CRY SHY SPY HYMN RHYTHM GYM MYTH LYNX FRY PRY SLY STY THY WRY PLY SPRY GYPSY TRYST NYMPH MYRRH"
)
"""Capitals without a vowel letter that are shouted, not spelled."""

NUMBERED = _words(
    "chapter part act scene section volume book phase article war mark type level stage class grade bowl apollo gemini "
    "episode round rocky appendix canto verse unit room platform track area zone sector world"
)
"""Before a roman numeral that is read as a plain number."""

ROYAL = _words(
    "Pope King Queen Henry Louis Edward George William Charles James Richard Elizabeth Napoleon Pius Benedict Leo Paul "
    "Ramses Ramesses Frederick Philip Alexander Nicholas Peter Catherine Ivan Umberto Emmanuel Gustav Christian "
    "Ferdinand John Mary Wilhelm Franz Rudolf Rudolph Otto Karl Alfonso Carlos Juan Haakon Harald Olav Knut Margaret "
    "Margrethe Robert David Stephen Victor Leopold Albert Innocent Clement Gregory Urban Sixtus Boniface"
)

STARTERS = _words(
    "The He She It They We I You But And Then A An In On At When So There This That His Her Its My Our Their Now Soon "
    "After Before As If For From Every Everyone Nobody One Two Suddenly Once What Who Why How Where Yes No"
)
"""Words that open a sentence even after a full stop that might belong to an abbreviation."""

"""Words of stories that Hibari's dictionary lacks or misreads: names from around the world, and noises.

In its phoneme alphabet: A eɪ, I aɪ, O oʊ, W aʊ, Y ɔɪ, ʤ and ʧ as in judge and church, ˈ before a stressed vowel.
"""

from __future__ import annotations

__all__ = ["PRONUNCIATIONS"]

PRONUNCIATIONS = {
    # names
    "mira": "mˈɪɹə", "isla": "ˈIlə", "freya": "fɹˈAə", "aisha": "Iˈiʃə", "mateo": "mətˈAO", "levi": "lˈivI",
    "zara": "zˈɑɹə", "ezra": "ˈɛzɹə", "ingrid": "ˈɪŋɡɹɪd", "niamh": "nˈiv", "siobhan": "ʃəvˈɔn", "sean": "ʃˈɔn",
    "aoife": "ˈifə", "rhys": "ɹˈis", "eilidh": "ˈAli", "hermione": "həɹmˈIəni", "ximena": "himˈAnə",
    "joaquin": "wɑkˈin", "jose": "hOzˈA", "josé": "hOzˈA", "maria": "məɹˈiə", "anya": "ˈɑnjə", "anika": "ˈɑnɪkə", "omar": "ˈOmɑɹ",
    "zuri": "zˈʊɹi", "moana": "mOˈɑnə", "thuy": "twˈi", "tomas": "tOmˈɑs", "tomás": "tOmˈɑs", "kiki": "kˈiki",
    "bibi": "bˈibi", "pierre": "piˈɛɹ", "jacques": "ʒˈɑk", "chloe": "klˈOi", "chloë": "klˈOi", "zoe": "zˈOi",
    "zoë": "zˈOi", "zoé": "zOˈA", "renee": "ɹənˈA", "andre": "ˈɑndɹA", "andré": "ˈɑndɹA", "emile": "Amˈil",
    "émile": "Amˈil", "gustav": "ɡˈʊstɑv", "anais": "ˌɑnɑˈis", "anaïs": "ˌɑnɑˈis", "amelie": "ˈæməli",
    "amélie": "ˈɑməli", "saoirse": "sˈɜɹʃə", "ciara": "kˈɪɹə", "caoimhe": "kwˈivə", "tadhg": "tˈIɡ",
    "oisín": "ʌʃˈin", "seán": "ʃˈɔn", "björn": "bjˈɔɹn", "bjorn": "bjˈɔɹn", "jürgen": "jˈɜɹɡən", "søren": "sˈɔɹən",
    "søs": "sˈʌs", "hana": "hˈɑnə", "akira": "əkˈɪɹə", "sakura": "səkˈʊɹə", "haruto": "hɑɹˈutO", "yara": "jˈɑɹə",
    "ngozi": "ɪŋɡˈOzi", "chidi": "ʧˈidi", "nkechi": "ɪŋkˈAʧi", "thandi": "tˈɑndi", "nguyen": "wˈɪn",
    "xiao": "ʃˈW", "xia": "ʃˈɑ", "qiang": "ʧiˈɑŋ", "zhang": "ʤˈɑŋ", "baba": "bˈɑbɑ", "yaga": "jˈɑɡə",
    # words
    "crème": "kɹˈɛm", "creme": "kɹˈɛm", "brûlée": "bɹulˈA", "brulee": "bɹulˈA", "naïve": "nɑˈiv",
    "café": "kæfˈA", "piñata": "pɪnjˈɑtə", "pinata": "pɪnjˈɑtə", "señora": "sɛnjˈɔɹə", "señor": "sɛnjˈɔɹ",
    # noises
    "sh": "ʃː", "shh": "ʃːː", "shhh": "ʃːːː", "shush": "ʃˈʌʃ", "brr": "bˈɜɹː", "brrr": "bˈɜɹːː",
    "grr": "ɡˈɜɹː", "grrr": "ɡˈɜɹːː", "tsk": "tˈɪsk", "zzz": "zːː", "zz": "zː", "hm": "hˈəm", "hmm": "hˈəmː",
    "hmmm": "hˈəmːː", "mmm": "mˈəmː", "ugh": "ˈʌɡ", "pfft": "fˈʌt", "argh": "ˈɑɹɡ",
    "arrr": "ˈɑɹː", "arr": "ˈɑɹ", "hooray": "həɹˈA", "aah": "ˈɑː", "aaah": "ˈɑːː", "ooh": "ˈuː", "oooh": "ˈuːː",
    "phew": "fjˈu", "whee": "wˈiː", "wheee": "wˈiːː", "tut": "tˈʌt", "eek": "ˈik", "kerplunk": "kəɹplˈʌŋk",
    "awoo": "əwˈuː", "awooo": "əwˈuːː", "woohoo": "wuhˈu", "yoohoo": "jˈuhu", "zzzz": "zːːː", "vroom": "vɹˈum",
}  # fmt: skip

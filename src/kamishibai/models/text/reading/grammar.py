"""The closed classes of English: determiners, pronouns, prepositions, auxiliaries, numbers and the like."""

from __future__ import annotations

__all__ = [
    "ADVERBS", "ADVERB_PHRASES", "AUXILIARIES", "CONJUNCTIONS", "DETERMINERS", "INDEFINITE_PRONOUNS", "MODALS", "NEGATIONS",
    "NUMBERS", "POSSESSIVES", "PREPOSITIONS", "PRONOUNS", "QUANTITIES", "REFLEXIVES", "RELATIVES", "SUBORDINATORS", "words",
]  # fmt: skip


def words(text: str) -> frozenset[str]:
    """Return the words of a table; a hyphen in it stands for a space (``palm-tree``)."""
    return frozenset(word.replace("-", " ") for word in text.split())


DETERMINERS = frozenset(
    {"a", "an", "the", "this", "that", "these", "those", "some", "any", "each", "every", "no", "another", "other",
     "both", "all", "either", "neither", "such", "what", "which", "enough"}
)  # fmt: skip
POSSESSIVES = {
    "his": "he", "her": "she", "its": "it", "their": "they", "my": "i", "our": "we", "your": "you", "whose": "who",
}  # fmt: skip
PRONOUNS = {
    "he": "he", "him": "he", "she": "she", "it": "it", "they": "they", "them": "they", "i": "i", "me": "i",
    "we": "we", "us": "we", "you": "you",
}  # fmt: skip
REFLEXIVES = {
    "himself": "he", "herself": "she", "itself": "it", "themselves": "they", "myself": "i", "ourselves": "we",
    "yourself": "you",
}  # fmt: skip
INDEFINITE_PRONOUNS = frozenset(
    {"everyone", "everybody", "nobody", "someone", "somebody", "anyone", "anybody", "nothing", "something",
     "everything", "anything", "none", "one", "who", "whom", "what", "that", "this", "these", "those", "others",
     "mine", "yours", "hers", "theirs", "ours"}
)  # fmt: skip
MODALS = frozenset({"can", "could", "will", "would", "shall", "should", "may", "might", "must", "cannot"})
AUXILIARIES = {
    "am": "be", "is": "be", "are": "be", "was": "be", "were": "be", "be": "be", "been": "be", "being": "be",
    "have": "have", "has": "have", "had": "have", "having": "have", "do": "do", "does": "do", "did": "do",
    **{modal: modal for modal in ("can", "could", "will", "would", "shall", "should", "may", "might", "must")},
}  # fmt: skip
NEGATIONS = frozenset({"not", "never", "n't", "no longer", "hardly", "barely"})
CONJUNCTIONS = frozenset({"and", "or", "but", "nor", "yet", "so", "then", "plus"})
SUBORDINATORS = frozenset(
    {"when", "while", "because", "if", "though", "although", "until", "till", "unless", "since", "whenever",
     "where", "wherever", "once", "whether", "as if", "as though", "that", "how", "why"}
)  # fmt: skip
RELATIVES = frozenset({"who", "whom", "which", "that", "where", "whose"})
PREPOSITIONS = frozenset(
    {"about", "above", "across", "after", "against", "along", "among", "amongst", "around", "at", "atop", "before",
     "behind", "below", "beneath", "beside", "besides", "between", "beyond", "by", "down", "during", "for", "from",
     "in", "inside", "into", "like", "near", "of", "off", "on", "onto", "out", "outside", "over", "past", "round",
     "than", "through", "throughout", "to", "toward", "towards", "under", "underneath", "unlike", "up", "upon",
     "with", "within", "without", "aboard", "opposite", "amid", "amidst", "in front of", "on top of", "next to",
     "out of", "because of", "instead of", "close to", "far from", "away from", "outside of", "inside of",
     "on board", "at the top of", "at the bottom of", "at the foot of", "in the middle of", "at the edge of",
     "on the edge of", "on the back of", "at the end of", "on the other side of", "in the centre of", "at the side of",
     "to the top of", "by the side of", "in the corner of", "at the back of", "in the shade of", "from behind",
     "from under", "all over", "up to", "over to", "as"}
)  # fmt: skip
NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 24,
    "forty": 24, "fifty": 24, "hundred": 24, "thousand": 24, "million": 24, "dozen": 12, "hundreds": 24,
    "thousands": 24, "dozens": 24, "millions": 24,
}  # fmt: skip
QUANTITIES = {
    "few": 3, "several": 4, "many": 6, "couple": 2, "pair": 2, "both": 2, "lots": 6, "countless": 12, "numerous": 8,
    "some": 3, "all": 4, "more": 3, "various": 4, "most": 4, "plenty": 5, "hundreds": 12, "thousands": 12,
}  # fmt: skip
ADVERB_PHRASES = frozenset(
    {"at last", "at first", "at once", "of course", "for a while", "all the way", "all the time", "for ever", "at all",
     "one by one", "side by side", "hand in hand", "no longer", "no more", "in vain", "a lot", "in fact",
     "all day long", "all night long", "long ago", "far away", "as well", "after all", "once more", "once upon a time",
     "again and again", "round and round", "up and down", "back and forth", "to and fro", "little by little", "at least",
     "in the end", "for the first time", "for a moment", "for a long time", "in a moment", "just then", "even so", "at home"}
)  # fmt: skip
_ADVERBS = """
    again ago ahead almost alone along already also always anyway apart around aside away back backwards badly
    barely better carefully close closely completely dearly deep deeply downstairs early elsewhere enough even
    ever everywhere exactly far fast finally first forever forward forwards further gently hard hardly here high
    home however indeed instead just kindly late lately later least less little long loudly low maybe meanwhile
    more most much nearby nearly never nevertheless next nowhere now o'clock often once only just even otherwise out outside
    over overhead perhaps please proudly quickly quietly quite rather really right sadly seldom slowly so softly
    sometimes somewhere soon still straight suddenly surely there therefore thus today together tomorrow tonight
    too twice underground underneath up upstairs upwards usually very well wide yesterday yet down off inside
    indoors outdoors abroad ashore aloud asleep awake apart upside instantly upright anymore any somehow neither
"""
ADVERBS = frozenset(_ADVERBS.split()) | ADVERB_PHRASES

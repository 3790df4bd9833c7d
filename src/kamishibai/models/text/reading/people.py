"""People in stories: roles with gender and age, given names, titles, groups and costumes."""

from __future__ import annotations

from typing import Literal

__all__ = [
    "FEMALE_NAMES", "GROUPS", "HUMAN_GROUPS", "KIN", "MALE_NAMES", "OUTFITS", "PLURAL_ROLES", "ROLES", "SAME_KIN", "TITLES", "Age",
    "Gender", "gender_of_name",
]  # fmt: skip

Gender = Literal["woman", "man", "neutral"]
Age = Literal["baby", "child", "adult", "old"]

_ROLES: dict[tuple[Gender, Age], str] = {
    ("woman", "child"): "girl schoolgirl daughter sister princess niece granddaughter stepsister",
    ("man", "child"): "boy schoolboy son brother lad nephew grandson cabin-boy stepbrother",
    (
        "neutral",
        "child",
    ): "child kid toddler orphan grandchild schoolchild friend classmate pupil twin cousin",
    ("neutral", "baby"): "baby newborn",
    ("woman", "adult"): (
        "woman lady mother mum mom mummy mommy mama aunt auntie queen witch actress waitress ballerina bride wife "
        "nun maid fisherwoman policewoman postwoman housewife heroine countess duchess empress sorceress nurse widow stepmother priestess fairy-godmother"
    ),
    ("man", "adult"): (
        "man gentleman father dad daddy papa uncle king prince knight wizard monk lord duke emperor husband groom "
        "fisherman boatman policeman fireman postman milkman guy fellow sorcerer magician waiter actor butler lumberjack "
        "woodcutter blacksmith sheriff cowboy sultan caliph count baron bishop businessman salesman snow-plougher"
    ),
    ("woman", "old"): "grandmother grandma granny nana nan crone great-grandmother",
    ("man", "old"): "grandfather grandpa granddad grandad hermit great-grandfather",
    ("neutral", "old"): "elder grandparent",
    ("neutral", "adult"): (
        "person human adult teacher doctor baker cook chef farmer sailor captain pirate soldier guard artist painter "
        "musician singer dancer writer poet author librarian gardener astronaut pilot driver conductor detective spy "
        "thief robber burglar hunter shepherd merchant trader traveller traveler stranger neighbour neighbor "
        "passenger tourist visitor guest customer clown acrobat juggler scientist inventor engineer mechanic builder "
        "carpenter tailor shoemaker cobbler clockmaker watchmaker toymaker keeper lighthouse-keeper shopkeeper seller vendor "
        "barber hairdresser student professor judge lawyer president mayor officer police firefighter lifeguard "
        "diver swimmer surfer skier skater runner rider explorer adventurer ranger climber beggar servant boss "
        "worker miner viking ninja samurai superhero hero villain parent violinist pianist drummer trumpeter "
        "guitarist fiddler storyteller actor-player puppeteer teenager youth villager citizen mailman parent cashier "
        "dentist vet nanny babysitter caretaker watchman janitor beekeeper fishmonger florist weaver potter miller "
        "ferryman wanderer pilgrim prisoner giantess apprentice helper leader crew-member onlooker listener dreamer "
        "player reader crowd-member someone-else bystander coach"
    ),
}
ROLES: dict[str, tuple[Gender, Age]] = {
    word.replace("-", " "): key for key, words in _ROLES.items() for word in words.split()
}
ROLES["princess"] = ("woman", "child")
PLURAL_ROLES = {
    "parents": "parent",
    "grandparents": "grandparent",
    "kids": "kid",
    "folk": "person",
    "folks": "person",
}

SAME_KIN: dict[str, str] = {
    word: usual
    for usual, words in {
        "grandmother": "grandma granny nana nan",
        "grandfather": "grandpa granddad grandad",
        "mother": "mum mom mummy mommy mama",
        "father": "dad daddy papa",
    }.items()
    for word in words.split()
}
"""Other words for the same relative: Grandma is her grandmother."""
KIN = frozenset(
    {"mother", "mum", "mom", "mummy", "mommy", "mama", "father", "dad", "daddy", "papa", "brother", "sister", "son", "daughter",
     "grandmother", "grandma", "granny", "grandfather", "grandpa", "uncle", "aunt", "cousin", "wife", "husband", "baby", "child",
     "parent", "twin"}
)  # fmt: skip
"""Relatives: a bear's mother is a bear."""
HUMAN_GROUPS: dict[str, tuple[str, int]] = {
    "people": ("person", 4), "crowd": ("person", 5), "family": ("person", 3), "crew": ("sailor", 3),
    "audience": ("person", 5), "class": ("child", 4), "couple": ("person", 2), "orchestra": ("musician", 4),
    "choir": ("singer", 4), "army": ("soldier", 4), "villagers": ("villager", 4), "townspeople": ("person", 4),
    "townsfolk": ("person", 4), "passengers": ("passenger", 4), "guests": ("guest", 4), "children": ("child", 3),
    "pirates": ("pirate", 3), "sailors": ("sailor", 3), "soldiers": ("soldier", 3), "police": ("police officer", 2),
}  # fmt: skip
"""Words for several people: what each of them is, and how many are drawn where the story does not say."""
GROUPS = {
    "twins": 2, "triplets": 3, "pair": 2, "trio": 3, "couple": 2, "flock": 5, "herd": 4, "swarm": 6, "pack": 4,
    "school": 5, "group": 4, "gang": 4, "band": 4, "bunch": 4, "crowd": 5, "row": 4, "line": 4, "litter": 4,
    "heap": 4, "pile": 4, "stack": 4, "handful": 4, "dozens": 8, "hundreds": 12, "thousands": 12, "lots": 6,
    "dozen": 8, "cluster": 5, "colony": 5, "circle": 5, "team": 4, "basket": 3, "bouquet": 5, "string": 6, "ring": 5,
}  # fmt: skip

OUTFITS: dict[str, str] = {
    role: role
    for role in [
        "pirate",
        "queen",
        "king",
        "princess",
        "prince",
        "chef",
        "baker",
        "astronaut",
        "knight",
        "wizard",
        "witch",
        "sailor",
        "captain",
        "farmer",
        "doctor",
        "nurse",
        "police",
        "firefighter",
        "ballerina",
        "clown",
        "cowboy",
        "ninja",
        "samurai",
        "viking",
        "superhero",
        "magician",
        "soldier",
        "guard",
        "monk",
        "nun",
        "pilot",
        "detective",
        "artist",
        "painter",
        "scientist",
        "teacher",
        "gardener",
        "fisherman",
        "judge",
        "diver",
        "explorer",
        "bride",
        "groom",
        "conductor",
        "musician",
        "mechanic",
        "builder",
        "hunter",
        "shepherd",
        "robber",
        "thief",
        "mermaid",
        "fairy",
        "waiter",
        "waitress",
        "maid",
    ]
}
OUTFITS.update(
    {
        "policeman": "police", "policewoman": "police", "fisherwoman": "fisherman", "boatman": "fisherman",
        "police officer": "police", "officer": "police", "fireman": "firefighter", "cook": "chef",
        "sorcerer": "wizard", "sorceress": "witch", "emperor": "king", "empress": "queen", "burglar": "robber",
        "violinist": "musician", "pianist": "musician", "fiddler": "musician", "drummer": "musician",
        "lighthouse keeper": "sailor", "cabin boy": "sailor", "inventor": "scientist", "engineer": "mechanic",
        "professor": "teacher", "postman": "postman", "acrobat": "clown", "juggler": "clown", "sheriff": "cowboy",
        "hermit": "monk", "shopkeeper": "shopkeeper", "miner": "builder", "carpenter": "builder",
    }
)  # fmt: skip

TITLES: dict[str, tuple[str, Gender, Age]] = {
    "mr": ("man", "man", "adult"), "mister": ("man", "man", "adult"), "mrs": ("woman", "woman", "adult"),
    "ms": ("woman", "woman", "adult"), "miss": ("woman", "woman", "adult"), "madam": ("woman", "woman", "adult"),
    "madame": ("woman", "woman", "adult"), "lady": ("woman", "woman", "adult"), "sir": ("knight", "man", "adult"),
    "lord": ("man", "man", "adult"), "dr": ("doctor", "neutral", "adult"), "doctor": ("doctor", "neutral", "adult"),
    "professor": ("professor", "neutral", "adult"), "captain": ("captain", "neutral", "adult"),
    "king": ("king", "man", "adult"), "queen": ("queen", "woman", "adult"), "prince": ("prince", "man", "child"),
    "princess": ("princess", "woman", "child"), "uncle": ("man", "man", "adult"), "aunt": ("woman", "woman", "adult"),
    "auntie": ("woman", "woman", "adult"), "grandma": ("grandmother", "woman", "old"),
    "granny": ("grandmother", "woman", "old"), "grandmother": ("grandmother", "woman", "old"),
    "grandpa": ("grandfather", "man", "old"), "grandfather": ("grandfather", "man", "old"),
    "father": ("man", "man", "adult"), "mother": ("woman", "woman", "adult"), "brother": ("boy", "man", "child"),
    "sister": ("girl", "woman", "child"), "baby": ("baby", "neutral", "baby"), "officer": ("police", "neutral", "adult"),
    "pirate": ("pirate", "neutral", "adult"), "count": ("man", "man", "adult"), "baron": ("man", "man", "adult"),
    "wizard": ("wizard", "man", "adult"), "emperor": ("king", "man", "adult"), "farmer": ("farmer", "neutral", "adult"),
}  # fmt: skip

_FEMALE = """
    ada adele agatha agnes aisha alba alexandra alice alicia alina alma amal amanda amelia amina amy ana anastasia andrea
    angela anita ann anna anne annie anya ariana astrid aurora ava ayla beatrice bella bertha beth betty bianca bonnie
    bridget camila carla carmen caroline cassie catherine cecilia celia celine charlotte chiara chloe clara clare clementine
    coco cora daisy dana daniela daphne delia delilah diana dora doris dorothy edith eileen ela elaine eleanor elena eliza
    elizabeth ella ellen ellie elsa elsie emilia emily emma erika esme esmeralda esther eva eve evelyn faith fatima fiona
    flora florence frances freya frida gabriela gemma georgia gertrude gina giulia gloria grace greta gretel hana hannah
    harriet hattie hazel heidi helen helena hilda holly ida ines inga ingrid irene iris isabel isabella isla ivy jana jane
    janet jasmine jean jenny jessica jill joan joanna josephine joy judith julia juliet june kaia karen kate katie kim kira
    kirsten klara laila lara laura layla lea leah leila lena leni leonie leyla lila lily lina linda lisa liv liza lola
    lotta lotte louisa louise lucia lucy luisa luna lydia mabel maddie madeleine maggie maia maisie malala mara margaret
    maria marie marigold marina marta martha mary matilda maud maya meena megan mei melanie mia mila millie mimi mina mira
    miriam molly mona nadia nancy naomi natalie natasha nell nellie nia nicole nina noor nora olga olive olivia ophelia
    paula pauline pearl penelope penny petra phoebe pia polly poppy priya rachel rania rebecca rita robin rosa rosalind
    rose rosie roxy ruby ruth saba sabrina sally samira sandra sara sarah saskia selma serena sheila sofia sonia sophia
    sophie stella sunita susan susanna suzy sylvia tabitha tamara tania tara tess tessa theresa tilda tilly tina una ursula
    valerie vera veronica vicky victoria viola violet wendy willa wilma winnie yara yasmin yuki zara zelda zoe zofia
"""
_MALE = """
    aaron abdul abe abel abraham adam adrian ahmed alan albert alec alejandro alex alexander alfie alfred ali amir anders
    andre andrew andy angus anthony anton archie arjun arlo arthur asher august aziz barnaby barney bart basil ben benjamin
    benny bernard bert bill billy bob bobby boris brian bruno bruce calvin carl carlos caspar charles charlie chris
    christian christopher conrad cosmo cyril dan daniel danny dario david dennis derek diego dimitri dmitri dominic donald
    douglas duncan dylan earl ed eddie edgar edmund edward edwin eli elias elliot emil emilio enzo eric erik ernest ethan
    eugene ezra felix ferdinand finn francis franco frank fred freddie frederick fritz gabriel gareth gary gaspard george
    gerald gilbert giles giovanni graham greg gregory gus gustav hamid hank hans hansel harold harry harvey hassan hector
    henry herbert herman horace howard hubert hugh hugo humphrey ian ibrahim igor isaac ivan jack jacob jake jakob jamal
    james jamie jan jasper jay jeff jeremy jerome jim jimmy joe joel john johnny jonah jonas jonathan jordan jorge jose
    joseph joshua juan jules julian karim karl keith ken kenji kevin kofi kurt lars laurence lee leo leon leonard leopold
    lewis liam linus lloyd logan lorenzo louis luca lucas luis luke magnus malik manuel marcel marco marcus mario mark
    martin marvin matt matteo matthew maurice max maxim michael miguel mike milo mohammed monty moritz morris moses
    muhammad nathan ned neil nelson nemo nicholas nick nico nigel noah nolan norman oleg oliver ollie omar oscar oskar otis
    otto owen pablo paco patrick paul pavel pedro percy pete peter phil philip pierre pip quentin rafael rahul raj ralph
    ramon rashid raymond remy rex richard rico rob robert roberto rocco roger roland roman ron rory ross roy rudi rudolf
    rufus rupert russell ryan salim sam samir samuel sandy santiago sasha scott sean sebastian serge sergei seth sherlock
    sid sigmund silas simon solomon stan stanley stefan stephen steve steven sven tariq taro ted teddy terence theo
    theodore thomas tim timmy timothy tobias toby tom tomas tommy tony travis tristan tyler ulrich umar vasili victor
    viktor vincent vlad wade walt walter warren wilbur wilfred will william willie winston wolfgang xavier yann yusuf zach
    ziggy coby bilbo
"""
FEMALE_NAMES = frozenset(_FEMALE.split())
MALE_NAMES = frozenset(_MALE.split())


def gender_of_name(name: str) -> Gender:
    """Return the likely gender of a given name, ``neutral`` when it could be either."""
    first = name.lower().split()[0] if name else ""
    if first in FEMALE_NAMES:
        return "woman"
    if first in MALE_NAMES:
        return "man"
    if len(first) > 3 and first.endswith(
        ("ella", "ette", "ina", "ia", "lyn", "elle", "issa", "ora", "ita", "ana")
    ):
        return "woman"
    if len(first) > 3 and first.endswith(
        ("us", "bert", "ard", "old", "ton", "fred", "son", "ander", "ius", "rick")
    ):
        return "man"
    return "neutral"

"""What kind of thing an English noun names, and its singular: the planner's noun table."""

from __future__ import annotations

from typing import Literal

__all__ = ["FLIERS", "KIND_OF", "PLACELESS", "SWIMMERS", "NounKind", "kind_of", "plural", "singular"]

NounKind = Literal[
    "animal", "person", "creature", "toy", "plant", "food", "thing", "clothes", "furniture", "vehicle",
    "building", "nature", "instrument", "scenery", "body", "time", "weather", "abstract", "event", "sound",
    "part", "matter", "unknown",
]  # fmt: skip

_TABLE: dict[NounKind, str] = {
    "animal": """
        alligator ant ape armadillo badger bat bear beaver bee beetle bird bison blackbird boar buffalo bug bull
        bumblebee bunny butterfly calf camel canary cat caterpillar chameleon cheetah chick chicken chimpanzee
        chipmunk cobra cockatoo cockroach cod cow coyote crab crane cricket crocodile crow cub cuckoo deer
        dinosaur dodo dog dolphin donkey dove dragonfly duck duckling eagle eel elephant elk ewe falcon fawn
        ferret firefly fish flamingo flea fly foal fox frog gazelle gecko gibbon giraffe gnat goat goldfish goose
        gorilla gosling grasshopper grizzly gull hamster hare hawk hedgehog hen heron hippo hippopotamus horse
        hound hummingbird hyena iguana insect jackal jaguar jay jellyfish kangaroo kid-goat kingfisher kitten
        kitty koala ladybird ladybug lamb lark leopard lion lioness lizard llama lobster lynx mackerel macaw
        magpie mammoth meerkat mole monkey moose mosquito moth mouse mule newt nightingale octopus orangutan
        orca ostrich otter owl owlet ox oyster panda panther parakeet parrot partridge peacock pelican penguin
        pig pigeon piglet platypus pony poodle porcupine porpoise prawn pup puppy python rabbit raccoon ram rat
        raven reindeer rhino rhinoceros robin rooster salamander salmon scorpion seagull seahorse seal shark
        sheep shrew shrimp skunk sloth slug snail snake sparrow spider squid squirrel stag stallion starfish
        stork swallow swan tadpole termite tiger toad tortoise toucan trout turkey turtle vulture walrus wasp
        weasel whale wolf wombat woodpecker worm wren yak zebra gosling heron crayfish animal beast creature
        stingray manta plankton cicada mantis puffin bluebird hatchling joey cygnet
    """,
    "creature": """
        alien angel cyclops demon devil djinn dragon dwarf elf fairy genie ghost giant gnome goblin kraken
        leprechaun mermaid merman minotaur monster nymph ogre pegasus phantom phoenix pixie robot skeleton
        snowman snowwoman scarecrow spirit sprite troll unicorn vampire werewolf yeti zombie gingerbread-man
        android sea-monster sphinx griffin imp mummy gargoyle
    """,
    "toy": "doll puppet teddy teddy-bear nutcracker rag-doll marionette",
    "plant": """
        acorn apple-tree bamboo blossom bluebell bush buttercup cactus cedar cherry-blossom clover conifer corn
        daffodil daisy dandelion fern fir flower hedge herb hibiscus hyacinth iris ivy leaf lily lotus maple
        mushroom oak orchid palm palm-tree pansy peony petal pine plant pine-tree poppy reed rose sapling seed
        seedling shrub snowdrop sprout sunflower thistle toadstool tree tulip twig vine violet wheat willow
        beanstalk pinecone bouquet seaweed coral lavender
    """,
    "food": """
        apple apricot avocado bagel banana bean berry biscuit blackberry blueberry bread broccoli bun burger
        butter cabbage cake candy carrot cauliflower cheese cherry chocolate coconut coffee cookie crepe croissant
        cucumber cupcake custard donut doughnut dumpling egg fig fries fruit garlic ginger grape grapefruit ham
        hamburger hazelnut honey hotdog ice-cream jam jelly juice ketchup kiwi lemon lemonade lettuce lollipop
        lunchbox mango marshmallow meat melon milk milkshake muffin noodle nut olive omelette onion orange
        pancake pasta pastry pea peach peanut pear pepper pickle pie pineapple pizza plum popcorn popsicle
        porridge potato pretzel pudding pumpkin radish raisin raspberry rice salad sandwich sausage soup
        spaghetti spinach steak stew strawberry sugar sushi sweet syrup taco tart tea toast tomato turnip
        vegetable waffle walnut watermelon yogurt birthday-cake picnic
    """,
    "thing": """
        accordion airship album alarm-clock anchor antenna arrow axe backpack bag ball balloon bandage banner
        barrel basket bat battery beacon beacon bead bell bin binoculars blackboard blanket board bomb bone book
        boomerang bottle bow bowl box bracelet brick broom brush bubble bucket button cage calculator calendar
        camera candle candlestick cane canvas cardboard card carpet cauldron chain chalk chest chess clip clipboard
        clock cobweb coin comb compass computer cork cradle crate crayon crown crystal cup cushion dagger diamond
        dice diary dish doorbell dreamcatcher dustbin easel envelope eraser fan feather fire firework flag flashlight
        flask flute fork frame fridge frisbee gem gift glass glasses globe glue goblet hammer hammock handkerchief
        harp hook hoop hourglass iron jar jewel jigsaw journal jug kaleidoscope kettle key keyboard kite knife
        knot ladder ladle lamp lantern laptop lens letter lightbulb lightbulb list lock locket lollipop magnet
        magnifier map marble mask match medal medicine message microphone microscope mirror mobile money mop
        mug nail necklace needle nest net newspaper notebook oar oil-lamp package paddle padlock page paint
        paintbrush painting palette pan paper paperclip parachute parcel pearl pebble pen pencil phone photo
        photograph picture pill pillow pin pipe pitcher plate pocketwatch postcard poster pot potion present
        pump purse puzzle quill quilt racket radio rag rattle razor record ribbon ring rocking-horse rod rope
        ruler sack saddle sail satchel saucepan saw scarf scissors scooter screen screw scroll shell shield
        shovel sign skateboard skates ski slate sled sledge slingshot snow-globe snowball snowflake soap
        spade spear sponge spoon stamp star-lantern statue stick stone stool stopwatch suitcase sword
        syringe tablet tambourine tape teacup teapot telephone telescope television tent thermometer thread
        ticket tool toolbox toothbrush top-hat torch toy toybox trap trash tray treasure tripod trophy
        trunk typewriter umbrella urn vase wallet wand watch watering-can weight wheel wheelbarrow whip
        whistle wire wool yarn yo-yo anchor gear cog spring pulley sandcastle music-box birdcage
        spaceship-model log campfire bonfire lamp-post lamppost streetlamp postbox mailbox signpost confetti
        wing-suit gramophone megaphone light cocoon spiderweb web nutshell treasure-chest magnifying-glass
        doorknob instrument firewood matchbox bandana skull chalice loom helm
    """,
    "clothes": """
        apron belt bikini blazer blouse boot boots bowtie cap cape cloak clothes coat collar costume dress
        glove gown hat headband helmet hood hoodie jacket jeans jersey jumper kimono mitten nightgown overalls
        pants parka pinafore pyjamas pajamas pyjama raincoat robe sandal sari scarf shawl shirt shoe shorts
        skirt slipper sneaker sock spectacles suit sunglasses sweater sweatshirt swimsuit tie tiara trousers
        tunic turban tuxedo uniform veil vest waistcoat wellies wellington crown top-hat beret bonnet
    """,
    "furniture": """
        armchair bathtub bed bench bookcase bookshelf chair chandelier couch counter cradle crib cupboard curtain
        desk drawer dresser fireplace mantel oven rug seat shelf sink sofa stove swing table throne toilet
        wardrobe hearth slide stall candelabra piano-stool
    """,
    "vehicle": """
        aeroplane airplane ambulance balloon-basket barge bicycle bike boat bus cab canoe car caravan carriage
        cart chariot digger ferry fire-engine galleon glider gondola helicopter hot-air-balloon jeep jet kayak
        limousine locomotive lorry minibus moped motorbike motorboat motorcycle plane pram raft rickshaw rocket
        rowboat sailboat satellite schooner scooter ship sleigh spacecraft spaceship speedboat starship steamboat
        steamer stroller submarine tank taxi tractor train tram tricycle trolley truck tugboat ufo van wagon
        yacht airship
    """,
    "building": """
        barn bridge building cabin castle cathedral chapel chimney church cottage factory fence fort fortress
        fountain garage gate greenhouse hospital hotel house hut igloo inn lighthouse mansion mill mosque museum
        obelisk office pagoda palace pavilion pyramid roof ruin school shack shed shop shrine skyscraper stable
        stadium store temple tent-house tipi tower treehouse wall well windmill statue synagogue bakery
        playground carousel ferris-wheel roundabout circus-tent archway gazebo doghouse birdhouse beehive hive
    """,
    "nature": """
        cloud comet constellation galaxy iceberg meteor moon planet puddle rainbow rock boulder snowflake
        star sun sunbeam volcano wave waterfall earth icicle raindrop boulders asteroid saturn mars jupiter
        campfire flame spark snowdrift anthill whirlpool
    """,
    "instrument": """
        accordion banjo bagpipes cello clarinet cymbal drum fiddle flute guitar harmonica harp horn lute
        mandolin oboe organ piano recorder saxophone tambourine triangle trombone trumpet tuba ukulele viola
        violin xylophone
    """,
    "scenery": """
        alley apartment area attic avenue backyard balcony bank basement bathroom bay bazaar beach bedroom
        boulevard branch brook cafe campsite canal cave cavern cellar city classroom clearing cliff coast
        copse corner corridor country countryside courtyard crater creek deck den desert ditch dock door
        doorstep doorway dune edge farm farmyard field floor footpath forest garden glacier glade grass
        grassland grotto ground grove hall hallway harbor harbour hayloft hill hillside hilltop hole home
        horizon island isle jetty jungle kitchen kingdom lake lagoon land landscape lane laundry lawn library
        market marketplace marsh mast meadow metro moor mountain mountaintop neighbourhood neighborhood
        oasis ocean orchard outback paddock parlour park pasture path pavement peak pier platform plain playroom
        plaza pond pool porch port prairie quay railway rainforest reef restaurant ridge rink river riverbank
        road rooftop room root sea seabed seashore seaside shore sidewalk skyline sky slope snow space square
        stage staircase stair stairs station steps stream street suburb subway summit supermarket swamp terrace
        theater theatre top town trail track trunk tunnel underground underwater valley veranda village
        vineyard water waterfront wilderness window windowsill wood woodland woods workshop yard zoo burrow
        lair sand ice mud bakery rainforest world moorland heath nursery studio laboratory lab gallery
        concert-hall ballroom dungeon aquarium arena campus corridor cockpit crow's-nest seafloor surface
    """,
    "body": """
        ankle arm back beak beard belly bottom brain breath brow cheek chest chin claw ear elbow eye eyebrow
        eyelash eyelid face feather feeler fin finger fingertip fist flipper foot forehead freckle fur
        hair hand head heart heel hip hoof horn jaw knee knuckle lap leg lip mane moustache mouth muscle muzzle
        nail neck nose nostril palm paw ponytail rib scale shoulder side skin snout spine stomach
        stripe tail tear tentacle throat thumb toe tongue tooth trunk tummy tusk waist whisker wing wrist
        braid pigtail curl spot shell fluff antenna tears belly-button
    """,
    "time": """
        afternoon age april august autumn century childhood christmas dawn day daybreak daylight daytime decade
        december dusk easter evening eternity fall february friday future halloween holiday hour instant january
        july june lifetime march may midday midnight minute moment monday month morning night nightfall
        noon november october once past present saturday season second september spring summer sunday
        sundown sunlight sunrise sunset thursday time today tomorrow tonight tuesday twilight wednesday
        week weekend while winter year yesterday yore bedtime daytime nighttime
    """,
    "weather": """
        blizzard breeze cold drizzle flood fog frost gale gust hail haze heat hurricane lightning mist moonlight
        monsoon rain rainstorm shade shadow shower sky-light sleet snowfall snowstorm squall starlight storm
        sunshine tempest thunder thunderstorm tornado typhoon warmth weather wind darkness
    """,
    "abstract": """
        ability beam account act action adventure advice air aim amount anger answer apology attention beauty beginning
        behaviour being belief bit bottom bravery business care case cause chance change choice colour color
        comfort company completion concern condition confidence conversation count courage course crack
        crime curiosity curse custom danger dare dark death decision deed delight desire destiny detail
        difference difficulty direction disaster discovery distance doubt dream duty effect effort emotion
        end energy enough error escape event evil example excitement excuse experience expression fact failure faith
        fame fate fault favour fear feeling fight fool form fortune freedom friendship front fun game gasp gaze
        glance glimmer gloom glow goal goodbye grace gratitude greeting grief grin group growth guess guilt
        habit half happiness harm haste hate health height hello help history hope hour hug hunger hurry idea
        imagination information interest invitation job joke journey joy judgement kind kindness kiss knowledge
        lack laughter law lesson lie life lightness limit line link look loss lot love luck lullaby magic
        manner mark matter mean measure meeting memory mercy middle mind miracle mischief mistake mood
        mystery name nature need neighbourliness news nonsense nothing nowhere number object offer opinion
        opportunity order pain panic pair part patience pattern pause peace people-kind piece place plan play
        pleasure plenty point power pride prize problem promise proof prophecy purpose quarrel quest question
        quiet race rage reason relief reply rescue rest result reward rhyme rhythm riddle right risk role rule
        rumour sadness sake scent search secret sense series set shape shift shock sight sign silence size
        skill sleep smell smile sniff solution sort soul speech speed spell spot state step story strength
        stretch stuff style success surprise talent tale talk task taste team term terror test thanks thing
        thought thousand threat thrill title to-do tone top touch trade tradition travel trick trip trouble
        trust truth turn type use value victory view vision visit voyage walk war warning waste way wealth
        wink wisdom wish wit wonder word work worry worth wrong yawn youth zero side bit anything everything
        something someone somebody anybody anyone nothing everything rest end sense hundred thousand million dozen
        self loneliness spring-cleaning weight note language flight
    """,
    "event": """
        adventure ball banquet bath battle birthday birthday-party breakfast bedtime carnival celebration
        ceremony circus class concert dance dinner election exam exhibition fair feast festival funeral
        gathering lesson lunch match meal meeting parade party performance picnic play race recital
        rehearsal show sleepover supper tea-party wedding
    """,
    "sound": """
        applause bang bark beat boom buzz cheer chime chirp chorus click clang clap cough crash creak croak
        cry echo giggle groan growl gurgle hiss hoot howl hum laugh laughter lullaby melody murmur
        music noise note plop pop purr rattle ring roar rumble rustle scream shout sigh snap sniffle snore
        song sound splash squeak squeal symphony thud tick tinkle tune voice wail whisper whistle yell
    """,
    "part": """
        back bottom bit centre center corner crumb drop edge end front half handful inside middle outside
        pair piece pile row scrap side slice speck spot stack strip top tip rim bunch bundle flock swarm herd
        pack group crowd hundreds thousands dozens lots heap string school band line circle
    """,
    "matter": """
        air ash brass chocolate clay copper cotton dew dirt dust earth foam foil gas glitter gold grass ice iron lace
        lava leather metal mud oil plastic powder sand sawdust silk silver slime smoke soil steam steel
        straw tin velvet water wax wood wool grain hay ink food drink lunch dinner supper breakfast luggage
        laundry fabric cloth
    """,
}

PLACELESS = frozenset({"home", "world", "land", "place", "country"})
"""Words for places that say nothing about how they look."""

_FLIERS = """
    bat bee beetle bird blackbird bumblebee bug butterfly canary cockatoo crane crow cuckoo dove dragonfly eagle falcon
    firefly fly gnat gull hawk hummingbird insect jay kingfisher ladybird ladybug lark macaw magpie mosquito moth
    nightingale parakeet parrot pelican pigeon puffin raven robin seagull sparrow stork swallow toucan vulture wasp
    woodpecker wren fairy pixie ghost angel phoenix pegasus bluebird sprite
"""
_SWIMMERS = """
    cod dolphin eel fish goldfish jellyfish kraken mackerel manta octopus orca porpoise salmon seahorse shark squid
    starfish stingray tadpole trout whale mermaid merman plankton submarine
"""
FLIERS = frozenset(_FLIERS.split())
SWIMMERS = frozenset(_SWIMMERS.split())

# A word in several rows takes the first row that lists it: drawable meanings come before the others.
_ORDER: tuple[NounKind, ...] = (
    "animal", "creature", "toy", "time", "instrument", "clothes", "furniture", "vehicle", "weather", "event", "sound",
    "part", "body", "scenery", "plant", "food", "nature", "building", "thing", "abstract", "matter",
)  # fmt: skip

KIND_OF: dict[str, NounKind] = {}
for _kind in _ORDER:
    for _word in _TABLE[_kind].split():
        KIND_OF.setdefault(_word.replace("-", " ") if "-" in _word and _word != "yo-yo" else _word, _kind)
# Homonyms whose everyday meaning in a story is not the first row's.
KIND_OF.update(
    {
        "dark": "abstract", "light": "thing", "fall": "time", "ball": "thing", "match": "thing", "fire": "thing",
        "bow": "thing", "horn": "instrument", "shell": "thing", "feather": "thing", "picture": "thing",
        "gate": "building", "bakery": "scenery", "present": "thing", "spring": "time", "march": "time",
        "chest": "thing", "swallow": "animal", "crane": "animal", "cricket": "animal", "bat": "animal",
        "seal": "animal", "trunk": "thing", "nail": "thing", "tear": "body", "palm": "plant", "iron": "thing",
        "band": "part", "string": "thing", "second": "time", "story": "abstract", "top": "part", "corner": "part",
        "rose": "plant", "iris": "plant", "violet": "plant", "orange": "food", "sweet": "food", "cold": "weather",
        "kid": "unknown", "fly": "animal", "duck": "animal", "bark": "sound", "ring": "thing", "record": "thing",
        "letter": "thing", "star": "nature", "sun": "nature", "moon": "nature", "cloud": "nature", "wave": "nature",
        "picnic": "event", "whistle": "thing", "light bulb": "thing", "organ": "instrument", "rattle": "thing",
        "creature": "animal", "branch": "scenery", "shadow": "weather", "sunlight": "weather", "steps": "scenery",
        "stairs": "scenery", "scale": "body", "antenna": "body", "drop": "part", "oil": "matter", "school": "scenery",
        "train station": "scenery", "snow": "weather", "ice": "scenery", "glass": "thing", "line": "abstract",
        "straw": "matter", "magic": "abstract", "present day": "time", "cherry": "food", "lunch": "food",
        "bicycle": "vehicle", "web": "thing", "swing": "furniture", "play": "abstract", "show": "event",
        "spell": "abstract", "sign": "thing", "roof": "scenery", "tower": "building", "note": "sound",
    }
)  # fmt: skip

_IRREGULAR = {
    "children": "child", "men": "man", "women": "woman", "people": "person", "mice": "mouse", "geese": "goose",
    "feet": "foot", "teeth": "tooth", "oxen": "ox", "wolves": "wolf", "leaves": "leaf", "knives": "knife",
    "wives": "wife", "lives": "life", "halves": "half", "shelves": "shelf", "thieves": "thief", "loaves": "loaf",
    "elves": "elf", "dwarves": "dwarf", "scarves": "scarf", "calves": "calf", "hooves": "hoof", "selves": "self",
    "snowmen": "snowman", "policemen": "policeman", "firemen": "fireman", "fishermen": "fisherman",
    "sheep": "sheep", "deer": "deer", "fish": "fish", "fishes": "fish", "series": "series", "dice": "dice",
    "moose": "moose", "reindeer": "reindeer", "cacti": "cactus", "glasses": "glasses", "scissors": "scissors",
    "trousers": "trousers", "pants": "pants", "jeans": "jeans", "shorts": "shorts", "pyjamas": "pyjamas",
    "pajamas": "pajamas", "clothes": "clothes", "overalls": "overalls", "stairs": "stairs", "skates": "skates",
    "binoculars": "binoculars", "spectacles": "spectacles", "bagpipes": "bagpipes", "fries": "fries",
    "boots": "boots", "woods": "woods", "bus": "bus", "gas": "gas", "glass": "glass", "grass": "grass",
    "octopus": "octopus", "walrus": "walrus", "circus": "circus", "cactus": "cactus", "compass": "compass",
    "always": "always", "iris": "iris", "moss": "moss", "christmas": "christmas", "news": "news", "dress": "dress",
    "princess": "princess", "waitress": "waitress", "actress": "actress", "hippopotamus": "hippopotamus",
    "platypus": "platypus", "lens": "lens", "canvas": "canvas", "chess": "chess", "tennis": "tennis",
    "darkness": "darkness", "atlas": "atlas", "hourglass": "hourglass", "seabass": "seabass", "boss": "boss",
    "cookies": "cookie", "pies": "pie", "movies": "movie", "pixies": "pixie", "genies": "genie", "shoes": "shoe",
    "canoes": "canoe", "toes": "toe", "ties": "tie", "bowties": "bowtie", "potatoes": "potato",
    "tomatoes": "tomato", "heroes": "hero", "bees": "bee", "trees": "tree", "knees": "knee", "horses": "horse",
    "houses": "house", "noses": "nose", "roses": "rose", "vases": "vase", "pulleys": "pulley", "axes": "axe",
    "waves": "wave", "caves": "cave", "gloves": "glove", "olives": "olive", "doves": "dove", "hives": "hive",
    "beehives": "beehive", "stoves": "stove", "graves": "grave", "slaves": "slave", "eyes": "eye",
    "clouds": "cloud", "buses": "bus", "sunglasses": "sunglasses", "goodness": "goodness", "stories": "story",
    "brush": "brush", "wellies": "wellies", "cherries": "cherry", "ladies": "lady", "seaweed": "seaweed",
    "aunties": "auntie", "collies": "collie", "zombies": "zombie", "selfies": "selfie", "brownies": "brownie",
}  # fmt: skip


def singular(word: str) -> tuple[str, bool]:
    """Return the singular of a lower-case noun, and whether `word` was a plural."""
    if word in _IRREGULAR:
        one = _IRREGULAR[word]
        return one, one != word
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is", "'s")):
        return word, False
    if word in KIND_OF and word[:-1] not in KIND_OF:
        return word, False
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y", True
    if word.endswith(("ches", "shes", "xes", "sses", "zes", "oes")):
        return word[:-2], True
    return word[:-1], True


_PLURAL_OF = {one: many for many, one in _IRREGULAR.items() if many != one and not many.endswith("s")}
_PLURAL_OF |= {
    "person": "people",
    "fish": "fish",
    "leaf": "leaves",
    "wolf": "wolves",
    "elf": "elves",
    "thief": "thieves",
}


def plural(noun: str) -> str:
    """Return the plural of a singular, lower-case noun or compound."""
    head, _, last = noun.rpartition(" ")
    if last in _PLURAL_OF:
        last = _PLURAL_OF[last]
    elif last in _IRREGULAR and _IRREGULAR[last] == last:
        pass
    elif last.endswith(("s", "x", "ch", "sh")):
        last += "es"
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "s"
    return f"{head} {last}".strip()


def kind_of(noun: str) -> NounKind:
    """Return what the singular, lower-case `noun` (one word or a compound) names; ``unknown`` if not in the table."""
    return KIND_OF.get(noun, "unknown")

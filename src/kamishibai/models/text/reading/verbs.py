"""Verbs by what they make a body do: pose, holding, feeling, speaking, thinking; and their base forms."""

from __future__ import annotations

from kamishibai.documents.storyboard import Pose
from kamishibai.models.text.reading.adjectives import Feeling

__all__ = [
    "ANIMATE", "BASE_OF", "COLLECTIVE", "DROP", "FEELS", "GONE", "HOLD", "INVERTS", "MENTAL", "MOTION", "POSES",
    "REACH_FOR", "SAY", "SEE", "VERBS", "WEARS", "base_form",
]  # fmt: skip

_POSES: dict[Pose, str] = {
    "walk": (
        "walk go come wander stroll stride march creep crawl tiptoe climb hike step limp trot plod waddle travel sneak "
        "stumble shuffle return arrive enter follow leave pass roam stagger trudge lead approach cross journey squeeze "
        "slither drift roll carry bring push pull drag move slide explore venture head slink prowl"
    ),
    "run": (
        "run race rush hurry chase dash flee gallop sprint escape scurry scamper bolt hasten charge dart scuttle ride"
    ),
    "sit": "sit rest wait read write study fish perch settle curl kneel crouch squat eat paint draw sew knit huddle nest snuggle",
    "lie": "lie sleep doze nap snore slumber melt collapse faint",
    "fly": "fly soar glide float hover flutter flap swoop circle rise ascend descend",
    "swim": "swim dive paddle splash float-on snorkel drown wade",
    "dance": "dance twirl spin whirl play sing cheer celebrate sway waltz perform juggle",
    "jump": "jump leap hop bounce skip spring pounce vault",
    "stand": (
        "stand stop look see watch stare gaze find discover say ask give take hold lift open close listen hear smile laugh "
        "cry nod wave point blink think be wake stay live bow bake cook plant water build sell buy knock ring shout whisper"
    ),
}
POSES: dict[str, Pose] = {}
for _pose, _words in _POSES.items():
    for _verb in _words.split():
        POSES.setdefault(_verb, _pose)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


MOTION = _set(
    _POSES["walk"]
    + " "
    + _POSES["run"]
    + " fly soar glide swim dive jump leap hop sail row drive steer cycle"
)
INVERTS = _set("live sit stand lie hang come go say ask whisper cry shout reply answer sigh call be rise fall run fly swim "
               "stretch sleep wait hide grow float glow shine appear dance march walk crawl creep perch rest sail ring sing")  # fmt: skip
SAY = _set("say ask whisper cry shout call answer reply sigh laugh murmur mutter yell exclaim squeak squawk bark roar croak "
           "chirp growl hoot sing beg grumble giggle gasp announce declare add wonder explain warn promise scream hiss tell "
           "speak talk chat greet thank boast complain quack meow purr howl cheer command order demand invite")  # fmt: skip
MENTAL = _set("dream think wish want imagine remember forget believe know hope wonder decide plan fear miss love like hate "
              "need long yearn pretend promise learn mean expect prefer guess suppose refuse understand describe mention "
              "consider swear teach doubt regret")  # fmt: skip
"""What follows them in their clause is thought or told, not seen."""
REACH_FOR = _set("look search wait ask long hope hunt call wish yearn beg hunger listen cry pray care fish")
"""Before *for*, what follows is not there yet."""
SEE = _set(
    "see find spot notice discover watch hear meet spy look gaze stare point observe glimpse reach face"
)
HOLD = _set("hold carry steal lift grab clutch pick take hug grip wave raise bring grasp cradle play sip drink eat munch swing "
            "bear catch pluck fetch collect gather snatch seize offer read blow strum shake wear-hand lick nibble")  # fmt: skip
DROP = _set("drop give throw lose put place leave set hang plant hide release lay hand offer send return bury toss swallow "
            "break sell lend pour hurl fling forget share")  # fmt: skip
GONE = _set(
    "vanish disappear melt sink die leave flee escape go burst eat swallow break lose drown evaporate fade burn-down"
)
WEARS = _set("wear don")
COLLECTIVE = _set("gather meet cheer clap applaud sing dance laugh")
FEELS: dict[str, Feeling] = {
    "smile": "happy", "laugh": "happy", "grin": "happy", "cheer": "happy", "giggle": "happy", "celebrate": "happy",
    "dance": "happy", "sing": "happy", "hug": "happy", "rejoice": "happy", "beam": "happy", "purr": "happy", "chuckle": "happy",
    "cry": "sad", "weep": "sad", "sob": "sad", "sigh": "sad", "mourn": "sad", "miss": "sad", "whimper": "sad", "wail": "sad",
    "tremble": "afraid", "shiver": "afraid", "shake": "afraid", "flee": "afraid", "hide": "afraid", "scream": "afraid",
    "fear": "afraid", "panic": "afraid", "cower": "afraid", "quiver": "afraid",
    "growl": "angry", "roar": "angry", "snarl": "angry", "shout": "angry", "scold": "angry", "stamp": "angry",
    "frown": "angry", "grumble": "angry", "yell": "angry",
    "sleep": "asleep", "snore": "asleep", "doze": "asleep", "slumber": "asleep", "nap": "asleep",
    "gasp": "surprised", "stare": "surprised", "startle": "surprised", "gape": "surprised",
}  # fmt: skip
ANIMATE = SAY | MENTAL | frozenset(FEELS) | _set(
    "walk run sit wait listen look watch decide eat drink wear nod wink bow hug kiss climb read write carry give invite "
    "tiptoe crawl hop dance bake cook visit hear see find wake sleep dream work shiver cough yawn blink whistle live hurry "
    "stand help follow chase hide wander play lead gaze stare point wave fetch"
)  # fmt: skip
"""Only something alive does these."""

_OTHERS = """
    accept ache act admire admit advise agree aim allow appear apologize argue arrange attack attract avoid awake balance
    bang bathe battle beat become begin behave belong bend bite bless block bloom blossom blow boil borrow bother brush bump
    burn burst bury button calm camp cause change check cheer chew choose chop clap clean clear click climb close coax collect
    comb comfort compare complete connect contain continue cool copy cost cough count cover crack crash create cross crouch
    crown crumble cuddle cure curve cut damage deal decorate defeat deliver depend deserve destroy dig dip disagree divide
    double doubt dress drift drip drop dust earn echo embrace empty encourage end enjoy enter entertain exist expand explode
    face fade fail fall fasten fear feed feel fetch fill finish fit fix flash flicker flip flood flow fold follow forgive
    form freeze frighten frown gather get gleam glimmer glitter glow greet grow guard guess guide happen harm heal heat help
    hiccup hide hit howl hug hum hunt hurt ignore improve include increase inspire interrupt introduce invent irritate itch
    join keep kick kill kiss knock land last laugh launch lay lean let light lock lower make march mark marry matter measure
    meet mend milk mix mumble nail nap need nibble nod notice obey occur offer open overflow owe own pack pat pause pay peek
    peel peep peer perform pile pinch place plan plant please point polish pop pounce pound pour practise practice praise
    pray prepare press print produce protect prove punch quake question rain rattle reach realise realize receive recognise
    recognize reflect refuse relax remain remove repair repeat rescue reach ring rise rock rub ruin rule rumble rustle sail
    save scatter scold scratch scrub seal seize send separate serve set settle sew shade shake share shelter shimmer shine
    ship shiver shock shoot shop show shrink shrug shut signal sing sink slip slow smash smell smile smooth snap snatch sneeze sniff
    snow soothe spark sparkle spill splash split spoil spread squash squeeze start startle stay steal step stick sting stir
    stitch stop store stretch strike stroke stuff stumble suck suffer suggest support surprise surround surrender swallow
    swap sweep switch tame tap taste tear tease test thump thunder tick tickle tidy tie tip touch tow trace trade trap treat
    tremble trick trip trust tug tumble turn twinkle twist unlock unpack untie use vanish visit waddle wag wake warm warn
    wash waste water weigh welcome whine whip whirl whistle win wind wink wipe wobble work worry wrap wrestle yawn zoom
    awaken bounce brighten burrow chirp cling dangle drench drape dry fill-up flap forget gallop gleam glide haul heave hoist
    hatch hug inch kindle loom lurk nestle nudge peck plop poke quack rattle ripple roost rustle scoop scribble shatter shine
    sizzle slurp smear snuggle sob soak spout sprinkle sprout stare steer stroll swarm swish swoosh thaw tinkle topple
    trickle tuck unfold unroll unwrap wave whisk whizz wiggle wilt wriggle zip bind drive row cycle lick skate ski surf trumpet
    drum strum fiddle hammer invite lead-on light-up mumble paddle pretend shelter whoosh zigzag outshine overlook spy blaze
    bubble leak vibrate chime toll stretch gleam rejoice weep mourn chuckle beam try dare teach seem beg ask attempt rely rustle land beckon wonder bob scowl snarl stamp quiver cower whimper wail
    gape gobble munch sip crunch drink don dine feast breathe squint nudge glance glare peck carve bake brew knead
"""
VERBS = (
    frozenset(_OTHERS.split())
    | frozenset(POSES)
    | SAY
    | MENTAL
    | HOLD
    | DROP
    | GONE
    | SEE
    | WEARS
    | frozenset(FEELS)
)
VERBS = VERBS - {"long"}  # almost always the adjective; longed and longing are among the irregular forms

_IRREGULAR = """
    ate:eat eaten:eat awoke:awake became:become began:begin begun:begin bent:bend bit:bite bitten:bite bled:bleed blew:blow
    blown:blow born:bear bore:bear bought:buy bound:bind broke:break broken:break brought:bring built:build burnt:burn came:come
    caught:catch chose:choose chosen:choose clung:cling crept:creep cut:cut dealt:deal did:do done:do drew:draw drawn:draw
    dreamt:dream drank:drink drunk:drink drove:drive driven:drive dug:dig dwelt:dwell fallen:fall fed:feed fell:fall felt:feel
    fled:flee flew:fly flown:fly flung:fling forgave:forgive forgot:forget forgotten:forget fought:fight found:find froze:freeze
    frozen:freeze gave:give given:give gone:go got:get gotten:get grew:grow grown:grow had:have heard:hear held:hold hid:hide
    hidden:hide hit:hit hung:hang hurt:hurt kept:keep knelt:kneel knew:know known:know laid:lay lain:lie lay:lie leant:lean
    leapt:leap learnt:learn led:lead left:leave lent:lend let:let lit:light lost:lose lying:lie made:make meant:mean met:meet
    mistook:mistake overheard:overhear paid:pay put:put ran:run rang:ring read:read rode:ride ridden:ride rose:rise risen:rise
    rung:ring said:say sang:sing sank:sink sat:sit saw:see seen:see sent:send set:set sewn:sew shaken:shake shed:shed shone:shine
    shook:shake shot:shoot showed:show shown:show shrank:shrink shut:shut slept:sleep slid:slide slipped:slip smelt:smell sold:sell sought:seek
    spat:spit sped:speed spent:spend spilt:spill split:split spoke:speak spoken:speak sprang:spring sprung:spring spread:spread
    spun:spin stole:steal stolen:steal stood:stand strode:stride struck:strike stuck:stick stung:sting stank:stink sung:sing sunk:sink swam:swim
    swept:sweep swore:swear sworn:swear swum:swim swung:swing taken:take taught:teach thought:think threw:throw thrown:throw
    tied:tie told:tell took:take tore:tear torn:tear understood:understand upset:upset went:go wept:weep woke:wake woken:wake
    won:win wore:wear worn:wear wound:wind wove:weave written:write wrote:write dying:die died:die tying:tie sewed:sew
    lies:lie dies:die ties:tie goes:go does:do has:have flies:fly cries:cry tries:try carries:carry hurries:hurry worries:worry
    awoken:awake blown:blow drowned:drown swollen:swell shrunk:shrink lied:lie longed:long longing:long longs:long bade:bid beheld:behold slung:sling
"""
BASE_OF: dict[str, str] = dict(pair.split(":") for pair in _IRREGULAR.split())


def base_form(word: str) -> str | None:
    """Return the base form of a lower-case verb form, or None when it is no verb of the table."""
    if word in BASE_OF:
        return BASE_OF[word]
    if word in VERBS:
        return word
    for base in _stems(word):
        if base in VERBS:
            return base
    return None


def _stems(word: str) -> list[str]:
    """Return the bases that ``-s``, ``-ed`` and ``-ing`` may have been added to, likeliest first."""
    if word.endswith("ing") and len(word) > 4:
        stem = word[:-3]
    elif word.endswith(("ied", "ies")):
        return [word[:-3] + "y", word[:-2] + "e", word[:-1]]
    elif word.endswith("ed") and len(word) > 3:
        stem = word[:-2]
    elif word.endswith("es") and len(word) > 3:
        return [word[:-2], word[:-1]]
    elif word.endswith("s") and not word.endswith("ss"):
        return [word[:-1]]
    else:
        return []
    stems = [stem, stem + "e"]
    if len(stem) > 2 and stem[-1] == stem[-2]:
        stems.append(stem[:-1])
    return stems

"""Closed lists: abbreviations that keep their period, and words that begin a sentence after one.

English only; in other languages a period that is not listed is a token of its own.
"""

# These never end a sentence.
TITLES = (
    "Mr Mrs Ms Dr Drs Prof Rev Hon Gen Col Maj Capt Lt Sgt Cpl Cmdr Adm Gov Sen Rep Reps Pres"
    " Messrs St Mt Ft vs eg ie cf Attn approx"
)

# The period of these is a token of its own where it ends the sentence as well: "Enron Corp ."
ANYWHERE = (
    "Inc Corp Co Ltd Bros Assn Dept Univ Jr Sr Ph Blvd Ave Rd Jan Feb Apr Aug Sep Sept Oct Nov Dec"
    " Tue Tues Wed Thu Thur Thurs Fri etc al ext esp dept"
)

# These are abbreviations only where a number follows: "No. 5", but "No. I will not."
BEFORE_NUMBERS = "No Nos no nos Vol vol Sec Art Fig fig Ch ch p pp Mar Jun Jul Sat Sun Mon"

# With their capital, these begin a sentence even after an abbreviation: "at 5 p.m. He was".
OPENERS = (
    "A After All Also Although An And Are As At Because Before But By Can Despite Did Do Does"
    " During Even For From Had Has Have He Her Here His How However I If In Is It Its Just Let"
    " Many Maybe More Most My Nevertheless No Not Now On Once One Or Our Perhaps Please She Since"
    " So Some Such Thank Thanks That The Their Then There These They This Those Though Thus To"
    " Under Unlike Until Was We Were What When Where Whether Which While Who Why Will With Would"
    " Yes Yet You Your"
)

# Any other word this short may be an abbreviation that is not listed, if a small letter follows.
SHORT_WORDS = (
    "ago all and any are as at bad be big bit but by can car day did do eat few for fun get go"
    " got had has he her him his hot how i if in is it job kid lot man me my new no not now of"
    " off old on one or our out own put say see set she so the to too try tv two up us use"
    " was way we who why won yes yet you"
)


def any_of(words: str) -> str:
    """A pattern for one of the words.

    >>> any_of("Mr Mrs")
    'Mr|Mrs'
    """
    return "|".join(words.split())

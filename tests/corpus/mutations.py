"""Corpus files spoilt at random: bytes, lines, fields and blocks flipped, lost, doubled, moved.

`seeds` are small files of every kind that is read; `mutated` makes of one of them a file as a
broken disk, a careless script or somebody with bad intentions would.
"""

import bz2
import gzip
import lzma
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DEMO_LINES = (30, 60)  # how many lines of the demo's training split make a seed


class Input(NamedTuple):
    """A file by the ending of its name and its bytes; `text` is the one beside brat's `.ann`."""

    suffix: str
    data: bytes
    text: bytes = b""


SIGNS = (
    *"\ufeff|\x00|\r|\r\n|\n|\n\n|\t|\t\t|\n\t\n|\v|\f|\x1c|\x85| |  ".split("|"),
    *"\u00a0 \u2028 \u200b \u200d \ufffd \u3000".split(" "),
    *"/ _ | - . # { } [ ] , : ; = % \\ * ( ) O _|_ é 字 😀".split(),
)
WORDS = (
    *"(PER* *) (PER) (PER*) -DOCSTART- 1-2 2-1 1-1 8.1 0.1 1 2 0 -1 ٣ ²".split(),
    *"B- I- B-PER I-PER E-PER S-LOC L-LOC U-LOC -PER B_PER NER= NER=NER= NER=B-PER".split(),
    *"SpaceAfter=No a/b a_b a|b a//b 1e999 99999999999999999999 NaN \\ud800 \\u0000".split(),
)
LINES = (
    *("# text = ", "# text = \n", "# sent_id = a\n", "# newdoc id = d\n", "# global.columns ="),
    *("# global.columns = ID FORM UPOS NER\n", "#begin document (d);\n", "#end document\n"),
    *("-DOCSTART- -X- O\n\n", "T1\tPER 0 4\tAnna\n", "T2\tLOC 0 1;2 3\tx\n", "R1\tx\n"),
    *('{"text":"a","spans":[]}\n', '{"tokens":["a"],"ner_tags":["O"]}\n', '"spans":[[0,1,"X"]],'),
)
ORDINARY = tuple(piece.encode() for piece in (*SIGNS, *WORDS, *LINES))
RAW = (b"\xff", b"\xfe\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80", b"\xc0\x80")
LONG = (b"9" * 5_000, b"a" * 1_000, b"[" * 2_000, b"x y " * 300, b"1\t" * 500, b"\n" * 500)
VALUES = (  # of JSON
    *rb'null true 0 1 -1 4 1e999 99999999999999999999 "" "a" "O" "B-PER" "\ud800" "\0"'.split(),
    *rb'"\n" [] {} [[0,4,"PER"]] [{"start":0,"end":4,"label":"X"}] ["a"] "text" "tokens"'.split(),
    *b'"spans" "sentences" "entities" "start" "ner_tags" "ner" "form" "reject" "accept"'.split(),
)
_value = re.compile(rb'"[^"]*"|-?[0-9]+|\b[a-z]+\b|\[[^\[\]]*\]|\{[^{}]*\}').finditer
GIANT = (
    b"\t" * 100_000,
    b"a" * 300_000,
    " \u00a0é".encode() * 50_000,
    b"[" * 100_000,
    b"a/B " * 30_000,
    b"a\tO\n" * 30_000,
    b"1-2\t" * 30_000,
    b"\r\n" * 50_000,
    b"NER=|" * 30_000,
    b"".join(b"NER%d=B-X|" % i for i in range(20_000)),
    b"9" * 100_000,
)


def piece(random: Random) -> bytes:
    """Something that no file should hold there; a very long one now and then."""
    luck = random.random()
    if luck < 0.0003:
        return random.choice(GIANT)
    return random.choice(LONG if luck < 0.01 else RAW if luck < 0.02 else ORDINARY)


def _stretch(random: Random, data: bytes) -> tuple[int, int]:
    """Where a stretch of a few bytes begins and ends, sometimes of many."""
    start = random.randint(0, len(data))
    most = len(data) if random.random() < 0.1 else 12
    return start, min(len(data), start + random.randint(0, most))


def flip(random: Random, data: bytes) -> bytes:
    """One bit of one byte."""
    if not data:
        return data
    at = random.randrange(len(data))
    bit = random.randrange(8 if random.random() < 0.1 else 7)  # the eighth spoils UTF-8 as well
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


def replace(random: Random, data: bytes) -> bytes:
    """A stretch gives way to a piece, which may be nothing."""
    start, end = _stretch(random, data)
    return data[:start] + (piece(random) if random.random() < 0.7 else b"") + data[end:]


def insert(random: Random, data: bytes) -> bytes:
    """A piece, between any two bytes."""
    at = random.randint(0, len(data))
    return data[:at] + piece(random) + data[at:]


def repeat(random: Random, data: bytes) -> bytes:
    """A stretch comes again, here or elsewhere."""
    start, end = _stretch(random, data)
    at = end if random.random() < 0.5 else random.randint(0, len(data))
    return data[:at] + data[start:end] + data[at:]


def truncate(random: Random, data: bytes) -> bytes:
    """The file ends at any byte, or begins there."""
    at = random.randint(0, len(data))
    return data[:at] if random.random() < 0.8 else data[at:]


def rearrange(random: Random, data: bytes) -> bytes:
    """A line, field, word or block goes, comes twice, changes places, or gives way to a piece."""
    sign = random.choice((b"\n", b"\n", b"\n\n", b"\t", b"\t", b" ", b"/", b"|", b",", b"\r\n"))
    parts = data.split(sign)
    i, j = random.randrange(len(parts)), random.randrange(len(parts))
    match random.randrange(5):
        case 0:
            del parts[i]
        case 1:
            parts.insert(j, parts[i])
        case 2:
            parts[i], parts[j] = parts[j], parts[i]
        case 3:
            parts[i] = piece(random)
        case _:
            parts.insert(j, piece(random))
    return sign.join(parts)


def another_value(random: Random, data: bytes) -> bytes:
    """Another value somewhere in JSON lines; nothing changes in any other file."""
    if data[:1] not in (b"{", b"["):
        return data
    values = list(_value(data))
    if not values:
        return data
    match = random.choice(values)
    value = random.choice(values)[0] if random.random() < 0.4 else random.choice(VALUES)
    return data[: match.start()] + value + data[match.end() :]


MUTATIONS: tuple[Callable[[Random, bytes], bytes], ...] = (
    *(flip, flip, replace, replace, insert, insert, repeat, repeat, truncate),
    *(rearrange,) * 5,
    *(another_value,) * 5,
)


def mutated(random: Random, seeds: Sequence[Input]) -> Input:
    """One of the seeds after one to eight mutations, at times with the end of another."""
    suffix, data, text = random.choice(seeds)
    if random.random() < 0.1:
        other = random.choice(seeds).data
        data = truncate(random, data) + other[random.randint(0, len(other)) :]
    for _ in range(min(random.randint(1, 8) for _ in range(3))):
        mutate = random.choice(MUTATIONS)
        if text and random.random() < 0.3:
            text = mutate(random, text)
        else:
            data = mutate(random, data)
    return Input(suffix, data, text)


def seeds() -> list[Input]:
    """All fixtures, some of the demo's sentences, JSON lines, brat's standoff, and archives."""
    paths = sorted((ROOT / "tests" / "fixtures").glob("*.*"))
    found = [Input("", path.read_bytes()) for path in paths]
    found += [Input("", data * 4) for _, data, _ in found if data.endswith(b"\n")]
    demo = (ROOT / "corpora" / "demo-en" / "train.conllu").read_bytes().splitlines(True)
    found += [Input("", b"".join(demo[:number])) for number in DEMO_LINES]
    found += [Input("", line) for line in JSON_LINES.splitlines(True)] + [Input("", JSON_LINES)]
    found += [Input(".ann", ANNOTATIONS, TEXT.encode())] * 3
    small = b"Ada\tB-PER\nslept\tO\n\nRain\tO\n\n"
    found.append(Input(".gz", gzip.compress(small, mtime=0)))
    found += [Input(".xz", lzma.compress(small)), Input(".bz2", bz2.compress(small))]
    return found


TEXT = "Anna lives in New\r\nYork. She é😀 ok.\n\n\ufeffNo."
ANNOTATIONS = b"T1\tPER 0 4\tAnna\nT2\tLOC 14 17;19 23\tNew York\nR1\ta b\n#1\tNotes T1\tx\n"
JSON_LINES = """
{"text": "Anna left.", "spans": [{"start": 0, "end": 4, "label": "PER"}], "tokens": [{"text":\
 "Anna", "start": 0, "end": 4, "id": 0}, {"start": 5, "end": 10}], "answer": "accept"}
{"text": "Anna é😀.", "ents": [{"start": 0, "end": 4, "label": "PER"}], "tokens": [{"id": 0,\
 "start": 0, "end": 4, "pos": "PROPN", "tag": "NNP", "morph": ""}, {"id": 1, "start": 5, "end": 8,\
 "pos": "SYM", "tag": "NFP", "morph": "A=b"}], "sents": [{"start": 0, "end": 8}]}
{"text": "Anna lives. Bob.", "entities": [[0, 4, "PER"], [0, 11, "X"], [12, 15, "PER"]]}
{"text": "Anna", "entities": [{"start_offset": 0, "end_offset": 4, "label": "PER"}]}
{"text": "Anna", "label": [[0, 4, "PER"]]}
["Anna left", {"entities": [[0, 4, "PER"]]}]
{"start": 3, "text": "Anna b", "tokens": [{"form": "Anna", "start": 3, "end": 7, "ner": "B-PER"},\
 {"form": "b", "start": 8, "end": 9, "ner": "O"}]}
{"tokens": ["Anna", "left"], "ner_tags": ["B-PER", "O"], "upos": ["PROPN", "VERB"]}
""".lstrip().encode()

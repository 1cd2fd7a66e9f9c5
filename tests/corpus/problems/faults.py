"""Faults planted into clean corpora: for each code one change at a random place, and that place.

The corpora are made up: sentences of invented words, so that nothing in them is like anything else.
"""

import re
from collections.abc import Callable
from random import Random
from typing import NamedTuple

OTHER_ID = re.compile(r"[0-9]+[-.][0-9]+\t").match
LABELS = ("PER", "LOC", "ORG")
UPOS = ("NOUN", "VERB", "ADJ", "ADV", "DET", "PROPN", "PRON", "ADP")


class Planted(NamedTuple):
    """The texts of the files, and where the finding must be: its file's number, line, column."""

    texts: list[str]
    line: int
    column: int
    file: int = 0


Lines = list[str]
Plant = Callable[[Random, Lines], Planted]


def word(random: Random) -> str:
    """A word of three to five syllables, of which there are some 10^8."""
    return "".join(
        random.choice("bdfgklmnprstvz") + random.choice("aeiou")
        for _ in range(random.randint(3, 5))
    )


def conllu(random: Random, num_sentences: int = 60) -> Lines:
    """A clean CoNLL-U file: texts, IDs, a range and an empty node here and there, IOB2 in MISC."""
    lines: Lines = []
    for i in range(num_sentences):
        forms = [word(random) for _ in range(random.randint(7, 12))]
        rows = []
        for k, (form, ner) in enumerate(zip(forms, iob2(random, len(forms)), strict=True), 1):
            rows.append(
                f"{k}\t{form}\t_\t{random.choice(UPOS)}\tX{k % 4}\t_\t{k - 1}\tdep\t_\tNER={ner}"
            )
        surface = list(forms)
        if i % 3 == 0:
            surface[2:4] = [forms[2] + forms[3]]
            rows.insert(2, f"3-4\t{forms[2]}{forms[3]}" + "\t_" * 8)
        if i % 5 == 0:
            rows.append(f"{len(forms)}.1\t{word(random)}" + "\t_" * 8)
        lines += [f"# sent_id = s{i}", f"# text = {' '.join(surface)}", *rows, ""]
    return lines


def columns(random: Random, num_sentences: int = 60, scheme: str = "IOB2") -> Lines:
    """A clean file of three tab-separated columns: form, xpos, ner."""
    lines: Lines = []
    for _ in range(num_sentences):
        length = random.randint(7, 12)
        tags = iob2(random, length) if scheme == "IOB2" else iobes(random, length)
        lines += [f"{word(random)}\tX{k % 4}\t{tag}" for k, tag in enumerate(tags)] + [""]
    return lines


def iob2(random: Random, length: int) -> list[str]:
    """Tags of a sentence with an entity of two or three tokens, and outside before and behind."""
    start, label = random.randint(1, length - 5), random.choice(LABELS)
    size = random.randint(2, 3)
    tags = ["O"] * length
    tags[start : start + size] = [f"B-{label}"] + [f"I-{label}"] * (size - 1)
    return tags


def iobes(random: Random, length: int) -> list[str]:
    """The same in IOBES."""
    tags = iob2(random, length)
    end = max(i for i, tag in enumerate(tags) if tag != "O")
    tags[end] = "E" + tags[end][1:]
    return tags


def text_of(lines: Lines) -> str:
    return "".join(f"{line}\n" for line in lines)


def is_row(line: str) -> bool:
    """Whether it is the row of a token."""
    return "\t" in line and line[0] != "#" and not OTHER_ID(line)


def some_row(random: Random, lines: Lines) -> int:
    return random.choice([i for i, line in enumerate(lines) if is_row(line)])


def with_cell(line: str, field: int, cell: str) -> str:
    cells = line.split("\t")
    cells[field] = cell
    return "\t".join(cells)


def one(lines: Lines, at: int, column: int) -> Planted:
    """The fault is in this line (from 0) of the only file."""
    return Planted([text_of(lines)], at + 1, column)


def in_form(change: Callable[[str], str], field: int = 0) -> Plant:
    """A plant that changes the form of some token, in columns (field 0) or CoNLL-U (field 1)."""

    def plant(random: Random, lines: Lines) -> Planted:
        at = some_row(random, lines)
        lines[at] = with_cell(lines[at], field, change(lines[at].split("\t")[field]))
        return one(lines, at, field + 1)

    return plant


def in_line(change: Callable[[str], str], column: int = 1) -> Plant:
    """A plant that changes the row of some token."""

    def plant(random: Random, lines: Lines) -> Planted:
        at = some_row(random, lines)
        lines[at] = change(lines[at])
        return one(lines, at, column)

    return plant


def in_bytes(old: str, new: str) -> Plant:
    """A plant that puts a sign into a form that stands for other bytes."""
    return in_form(lambda form: form[:2] + new + form[2:])


def middle(new: str) -> Callable[[str], str]:
    return lambda form: form[:2] + new + form[2:]


def tag_at(random: Random, lines: Lines, wanted: Callable[[str, str], bool]) -> int:
    """A row whose tag and the one before it are as wanted."""
    found = [
        i
        for i, line in enumerate(lines)
        if i and is_row(line) and wanted(last(lines[i - 1]) if lines[i - 1] else "O", last(line))
    ]
    return random.choice(found)


def last(line: str) -> str:
    return line.split("\t")[-1]


def retagged(wanted: Callable[[str, str], bool], new: Callable[[str], str]) -> Plant:
    """A plant that gives another tag to a token whose tag (and that before it) is as wanted."""

    def plant(random: Random, lines: Lines) -> Planted:
        at = tag_at(random, lines, wanted)
        lines[at] = with_cell(lines[at], 2, new(last(lines[at])))
        return one(lines, at, 3)

    return plant


def other_label(tag: str) -> str:
    return f"{tag[:2]}{LABELS[(LABELS.index(tag[2:]) + 1) % 3]}"


def sentences_of(lines: Lines) -> list[tuple[int, int]]:
    """First and last line (exclusive, without the blank one) of each sentence."""
    found, begin = [], 0
    for i, line in enumerate(lines):
        if not line:
            found.append((begin, i))
            begin = i + 1
    return found


def byte_order_mark(random: Random, lines: Lines) -> Planted:
    lines[0] = "\ufeff" + lines[0]
    return one(lines, 0, 1)


def no_final_newline(random: Random, lines: Lines) -> Planted:
    text = text_of(lines[:-1])[:-1]
    return Planted([text], len(lines) - 1, 1)


def blank_line(random: Random, lines: Lines) -> Planted:
    at = random.choice([i for i, line in enumerate(lines) if not line])
    lines[at] = random.choice([" ", "\t", " \t "])
    return one(lines, at, 1)


def ragged(random: Random, lines: Lines) -> Planted:
    at = some_row(random, lines)
    cells = lines[at].split("\t")
    width = len(cells)
    del cells[random.randrange(len(cells))]
    if random.random() < 0.5:
        cells += ["x", "y"]
    lines[at] = "\t".join(cells)
    return one(lines, at, min(len(cells), width))


def mixed_separators(random: Random, lines: Lines) -> Planted:
    at = some_row(random, lines)
    cells = lines[at].split("\t")
    joined = random.randrange(len(cells) - 1)
    lines[at] = "\t".join(
        [*cells[:joined], " ".join(cells[joined : joined + 2]), *cells[joined + 2 :]]
    )
    return one(lines, at, joined + 1)


def token_id(random: Random, lines: Lines) -> Planted:
    rows = [i for i, line in enumerate(lines) if is_row(line) and not lines[i + 1]]
    at = random.choice(rows)  # the last of a sentence: one finding, not two
    lines[at] = with_cell(lines[at], 0, str(int(lines[at].split("\t")[0]) + random.randint(1, 3)))
    return one(lines, at, 1)


def multiword_range(random: Random, lines: Lines) -> Planted:
    at = random.choice([i for i, line in enumerate(lines) if line.startswith("3-4\t")])
    lines[at] = with_cell(lines[at], 0, random.choice(["4-3", "3-3", "2-4", "3-99", "4-5"]))
    return one(lines, at, 1)


def empty_node(random: Random, lines: Lines) -> Planted:
    at = random.choice([i for i, line in enumerate(lines) if ".1\t" in line[:5] and line[0] != "#"])
    number = lines[at].partition(".")[0]
    wrong = random.choice([f"{number}.2", f"{int(number) - 1}.1", f"{int(number) + 1}.1"])
    lines[at] = with_cell(lines[at], 0, wrong)
    return one(lines, at, 1)


def text_mismatch(random: Random, lines: Lines) -> Planted:
    at = random.choice([i for i, line in enumerate(lines) if line.startswith("# text")])
    position = random.randrange(len("# text = "), len(lines[at]))
    changed = lines[at][:position] + "q" + lines[at][position + 1 :]
    lines[at] = changed
    return one(lines, at, 1)


def duplicate_sent_id(random: Random, lines: Lines) -> Planted:
    ids = [i for i, line in enumerate(lines) if line.startswith("# sent_id")]
    first, second = sorted(random.sample(ids, 2))
    lines[second] = lines[first]
    return one(lines, second, 1)


def empty_sentence(random: Random, lines: Lines) -> Planted:
    _, end = random.choice(sentences_of(lines))
    lines[end + 1 : end + 1] = ["# note = nothing here", ""]
    return one(lines, end + 1, 1)


def long_sentence(random: Random, lines: Lines) -> Planted:
    begin, _ = random.choice(sentences_of(lines))
    lines[begin:begin] = [f"{word(random)}\tX1\tO" for _ in range(201)] + [""]
    return one(lines, begin, 1)


def label_case(random: Random, lines: Lines) -> Planted:
    at = tag_at(random, lines, lambda before, tag: tag[0] == "B")
    label = last(lines[at])[2:]
    spelt = random.choice([label.lower(), label.capitalize()])
    following = at
    while last(lines[following] or "O")[2:] == label:
        lines[following] = with_cell(lines[following], 2, last(lines[following])[:2] + spelt)
        following += 1
    return one(lines, at, 3)


def tag_once(random: Random, lines: Lines) -> Planted:
    lines += columns(random, 120)
    at = some_row(random, lines)
    lines[at] = with_cell(lines[at], 1, "RARE")
    return one(lines, at, 2)


def dominating_label(random: Random, lines: Lines) -> Planted:
    lines += columns(random, 120)
    rows = [i for i, line in enumerate(lines) if is_row(line)]
    rare = set(random.sample(rows[1:], 5))
    for i in rows:
        lines[i] = with_cell(lines[i], 1, "X2" if i in rare else "X1")
    return one(lines, rows[0], 2)


def iob1(random: Random, lines: Lines) -> Planted:
    changed = [with_cell(x, 2, last(x).replace("B-", "I-")) if x else x for x in lines]
    first = next(i for i, line in enumerate(changed) if line and last(line) != "O")
    return one(changed, first, 3)


def repeated(random: Random, lines: Lines) -> tuple[int, int, int]:
    """A sentence written again somewhere behind itself: where it was, where it is, its length."""
    sentences = sentences_of(lines)
    k = random.randrange(len(sentences) - 1)
    begin, end = sentences[k]
    _, behind = random.choice(sentences[k:])
    lines[behind + 1 : behind + 1] = [*lines[begin:end], ""]
    return begin, behind + 1, end - begin


def duplicate_sentence(random: Random, lines: Lines) -> Planted:
    _, at, _ = repeated(random, lines)
    return one(lines, at, 1)


def near_duplicate(random: Random, lines: Lines) -> Planted:
    _, at, length = repeated(random, lines)
    changed = at + random.randrange(length)
    lines[changed] = with_cell(lines[changed], 0, word(random))
    return one(lines, at, 1)


def conflict(random: Random, lines: Lines) -> Planted:
    _, at, length = repeated(random, lines)
    changed = at + random.randrange(length)
    tags = {f"X{k}" for k in range(4)} - {lines[changed].split("\t")[1]}
    lines[changed] = with_cell(lines[changed], 1, random.choice(sorted(tags)))
    return one(lines, changed, 2)


def between(random: Random, lines: Lines, change: bool) -> Planted:
    begin, end = random.choice(sentences_of(lines))
    stolen = list(lines[begin:end])
    if change:
        k = random.randrange(len(stolen))
        stolen[k] = with_cell(stolen[k], 0, word(random))
    other = columns(random, 20)
    _, behind = random.choice(sentences_of(other))
    other[behind + 1 : behind + 1] = [*stolen, ""]
    return Planted([text_of(lines), text_of(other)], behind + 2, 1, file=1)


def leak(random: Random, lines: Lines) -> Planted:
    return between(random, lines, change=False)


def near_leak(random: Random, lines: Lines) -> Planted:
    return between(random, lines, change=True)


def new_label(random: Random, lines: Lines) -> Planted:
    other = columns(random, 20)
    at = some_row(random, other)
    other[at] = with_cell(other[at], 1, "NEW")
    return Planted([text_of(lines), text_of(other)], at + 1, 2, file=1)


def unknown_upos(random: Random, lines: Lines) -> Planted:
    at = some_row(random, lines)
    lines[at] = with_cell(lines[at], 3, random.choice(["NN", "NOUNS", "VRB"]))
    return one(lines, at, 4)


def empty_file(random: Random, lines: Lines) -> Planted:
    return Planted([text_of(lines), random.choice(["", "\n", "\n \n"])], 1, 1, file=1)


IN_COLUMNS: dict[str, Plant] = {
    "byte-order-mark": byte_order_mark,
    "invalid-utf-8": in_form(middle("\udce9")),
    "crlf": in_line(lambda line: line + "\r"),
    "lone-cr": in_form(middle("\r")),
    "nul": in_form(middle("\x00")),
    "control-character": in_form(middle("\x07")),
    "replacement-character": in_form(middle("\ufffd")),
    "no-final-newline": no_final_newline,
    "blank-line-with-blanks": blank_line,
    "ragged-row": ragged,
    "wrong-separator": in_line(lambda line: line.replace("\t", " ")),
    "mixed-separators": mixed_separators,
    "empty-token": in_form(lambda form: ""),
    "blank-token": in_form(lambda form: " "),
    "blank-in-token": in_form(middle(" ")),
    "no-break-space": in_form(middle("\u00a0")),
    "invisible-character": in_form(middle("\u200b")),
    "long-word": in_form(lambda form: form * 50),
    "long-sentence": long_sentence,
    "unknown-prefix": retagged(lambda a, b: b[0] == "B", lambda tag: f"X{tag[1:]}"),
    "empty-tag": retagged(lambda a, b: b == "O", lambda tag: ""),
    "blank-in-tag": retagged(lambda a, b: b[0] == "B", lambda tag: f"{tag} "),
    "inside-without-begin": retagged(lambda a, b: a == "O" and b[0] == "B", lambda t: f"I{t[1:]}"),
    "label-change": retagged(lambda a, b: a[0] == "B" and b[0] == "I", other_label),
    "mixed-schemes": retagged(lambda a, b: a != "O" and b[0] == "I", lambda tag: f"E{tag[1:]}"),
    "iob1": iob1,
    "label-case": label_case,
    "tag-once": tag_once,
    "dominating-label": dominating_label,
    "duplicate-sentence": duplicate_sentence,
    "near-duplicate": near_duplicate,
    "conflict": conflict,
    "leak": leak,
    "near-leak": near_leak,
    "new-label": new_label,
}
IN_CONLLU: dict[str, Plant] = {
    "token-id": token_id,
    "multiword-range": multiword_range,
    "empty-node": empty_node,
    "text-mismatch": text_mismatch,
    "duplicate-sent-id": duplicate_sent_id,
    "empty-sentence": empty_sentence,
    "unknown-upos": unknown_upos,
}


def planted(code: str, random: Random) -> Planted:
    """A clean corpus of which `code` is the only fault."""
    if code in IN_CONLLU:
        return IN_CONLLU[code](random, conllu(random))
    return IN_COLUMNS[code](random, columns(random))

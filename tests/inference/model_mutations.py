"""Model folders spoilt at random: bytes, JSON values, headers, graphs, whole files.

A folder is its files' names and contents; `spoilt` makes of one what a broken disk, a careless
script or somebody with bad intentions would.
"""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from tests.corpus import mutations
from tests.inference.graph_mutations import spoilt_graph
from tests.inference.tokenizer_mutations import another_part

Files = dict[str, bytes]
LINK = b"\0link:"  # the content of a name that shall be a link, and where to
FOLDER, PIPE = b"\0folder", b"\0pipe"  # what else may be in a file's place
BYTES = (
    *(mutations.flip, mutations.flip, mutations.flip),
    *(mutations.replace, mutations.insert, mutations.repeat, mutations.truncate),
)
INTEGERS = (0, 1, 2, -1, 3, 255, 2**15, 2**31 - 1, 2**31, 2**40, 2**63 - 1, 2**63, 2**64, 10**30)
SCALARS: tuple[Any, ...] = (
    *INTEGERS,
    *(None, True, False, 0.5, -1.5, 1e30, 1e308, "", "O", "B-PER", "a\nb", "\x00", "é", "<pad>"),
    *("upos", "boundary", "int8", "IOB2", "x" * 5_000),
)
RAW_VALUES = (b"[" * 100_000, b'{"a":' * 50_000, b"9" * 100_000, b"1e999", b"NaN", b'"\\ud800"')


def read_files(folder: Path) -> Files:
    """The files of a folder by their names within it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def write_files(folder: Path, files: Mapping[str, bytes], there: Mapping[str, bytes]) -> None:
    """Makes a folder that holds `there` hold these files, links and pipes too."""
    for name in [name for name, content in there.items() if files.get(name) != content]:
        path = folder / name
        if there[name] == FOLDER:
            path.rmdir()
        else:
            path.unlink()
    for name, content in files.items():
        if there.get(name) == content:
            continue
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content.startswith(LINK):
            path.symlink_to(content.removeprefix(LINK).decode())
        elif content == FOLDER:
            path.mkdir()
        elif content == PIPE:
            os.mkfifo(path)
        else:
            path.write_bytes(content)


def other_bytes(random: Random, data: bytes) -> bytes:
    """Some bytes otherwise."""
    return random.choice(BYTES)(random, data)


def another_value(random: Random, data: bytes) -> bytes:
    """JSON with one value of another kind, gone, doubled or nested deep; other bytes if it is none.

    Lists are gone through to some depth by chance, so that small parts are met as often as large.
    """
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return other_bytes(random, data)
    if random.random() < 0.03:
        return _raw(random, data)
    holder: Any = [content]
    key: Any = 0
    while isinstance(holder[key], dict | list) and holder[key] and random.random() < 0.8:
        holder = holder[key]
        key = random.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    kind = random.randrange(6)
    if kind == 0 and holder is not content:
        del holder[key]
        return _dumped(content if holder != [content] else None)
    if kind == 1 and isinstance(holder, list):
        holder.insert(random.randint(0, len(holder)), holder[key])
    elif kind == 2 and isinstance(holder, list) and len(holder) > 1:
        random.shuffle(holder)
    elif kind == 3 and isinstance(holder[key], int | float):
        holder[key] = random.choice((holder[key] + 1, holder[key] - 1, -holder[key], 1e38))
    elif kind == 4 and isinstance(holder, dict):
        holder[random.choice([*holder, "other"])] = random.choice([*holder.values()])
    else:
        holder[key] = random.choice((*SCALARS, [], {}, [[]], [1], ["a"], {"a": 1}))
    return _dumped(content)


def _dumped(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _raw(random: Random, data: bytes) -> bytes:
    """Something in a value's place that is no usual JSON."""
    places = [match.span() for match in re.finditer(rb'"[^"]*"|-?[0-9.]+', data)]
    start, end = random.choice(places or [(0, len(data))])
    return data[:start] + random.choice(RAW_VALUES) + data[end:]


def another_header(random: Random, data: bytes) -> bytes:
    """A number or a word in the header of a table or of weights; its length fits or not."""
    begin, end = (8, 8 + int.from_bytes(data[:8], "little"))
    if data.startswith(b"\x93NUMPY"):
        begin, end = (10, 10 + int.from_bytes(data[8:10], "little"))
    header = data[begin:end]
    matches = list(re.finditer(rb"[0-9]+|'[^']*'|\"[^\"]*\"|True|False", header))
    if not matches:
        return other_bytes(random, data)
    match = random.choice(matches)
    if match[0].isdigit():
        new = b"%d" % random.choice((*INTEGERS, int(match[0]) + 1, int(match[0]) * 2))
    else:
        words = (b"'<f4'", b"'<f2'", b"'|O'", b"True", b'"I64"', b'"BF16"', b'"F8_E4M3"', b"'<i8'")
        new = random.choice((*words, b"(" * 500))
    header = header[: match.start()] + new + header[match.end() :]
    if random.random() < 0.8:
        size = begin - (8 if data.startswith(b"\x93NUMPY") else 0)
        packed = (len(header) % 65_536).to_bytes(2, "little") if size == 2 else b""
        packed = packed or len(header).to_bytes(8, "little")
        return data[: begin - len(packed)] + packed + header + data[end:]
    return data[:begin] + header + data[end:]


def another_number(random: Random, data: bytes) -> bytes:
    """Four bytes that are infinite, no number, or very large, in a file of numbers."""
    if len(data) < 8:
        return data
    at = random.randrange(len(data) - 4)
    new = random.choice((b"\0\0\x80\x7f", b"\0\0\xc0\x7f", b"\xff\xff\x7f\x7f", b"\0\x7c\0\xfc"))
    return data[:at] + new + data[at + 4 :]


Mutation = Callable[[Random, bytes], bytes]
BY_SUFFIX: dict[str, Sequence[Mutation]] = {
    ".json": (other_bytes, *(another_value,) * 6),
    ".npy": (other_bytes, another_header, another_header, another_number),
    ".safetensors": (other_bytes, another_header, another_header, another_number),
    ".onnx": (other_bytes, another_number, *(spoilt_graph,) * 5),
}
BY_NAME: dict[str, Sequence[Mutation]] = {
    "tokenizer.json": (other_bytes, another_value, *(another_part,) * 4),
}


def another_file(random: Random, files: Files, others: Sequence[Files]) -> None:
    """A file goes, changes places, ends as another one, or is no file at all."""
    name, second = random.choice(list(files)), random.choice(list(files))
    other = random.choice(others)
    like = [n for n in other if Path(n).name == Path(name).name] or list(other)
    match random.randrange(7):
        case 0:
            del files[name]
        case 1:
            files[name], files[second] = files[second], files[name]
        case 2:
            files[name] = other[random.choice(like)]
        case 3:
            donor = other[random.choice(like)]
            at = random.randint(0, len(files[name]))
            files[name] = files[name][:at] + donor[random.randint(0, len(donor)) :]
        case 4:
            links = ("/dev/zero", "/etc/passwd", "../..", name, Path(second).name, "\x01")
            files[name] = LINK + random.choice(links).encode()
        case 5:
            files[name] = random.choice((FOLDER, PIPE, b"", b"\0" * 10_000))
        case _:
            files[random.choice(("extra", "segmenter/multiword.json", "a.pkl"))] = files[second]


def spoilt(random: Random, seed: Files, seeds: Sequence[Files]) -> Files:
    """A folder with one to four things changed, mostly one, be it to what another seed has."""
    files = dict(seed)
    for _ in range(min(random.randint(1, 4) for _ in range(3))):
        if random.random() < 0.08 or not files:
            if files:
                another_file(random, files, seeds)
            continue
        kinds = sorted({Path(name).suffix for name in files} & BY_SUFFIX.keys())
        if not kinds:
            continue
        suffix = random.choice(kinds)
        name = random.choice([n for n in files if n.endswith(suffix)])
        mutations_of = BY_NAME.get(Path(name).name, BY_SUFFIX[suffix])
        files[name] = random.choice(mutations_of)(random, files[name])
    return files

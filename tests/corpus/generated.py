"""Corpus files made up by hypothesis, as unlike one another as the formats allow."""

from hypothesis import strategies as st

ODD = "\u0085\u00a0\u2028\ufeff\u200bé字😀#-_|= "  # what naive readers cut or strip at
ENDS = st.sampled_from(["\n", "\r\n"])
BLANK_LINES = st.lists(st.sampled_from(["", "", " ", "\t", " \t "]), min_size=1, max_size=3)
characters = st.one_of(
    st.sampled_from("abcABC0"),
    st.sampled_from(ODD),
    st.characters(exclude_categories=["Cs"], exclude_characters="\t\r\n"),
)
cells = st.text(characters, min_size=1, max_size=6)
plain_cells = st.text(st.sampled_from("abcXYZ019#-_é字\ufeff\u00a0"), min_size=1, max_size=6)


@st.composite
def conllu_blocks(draw: st.DrawFn) -> list[str]:
    """The lines of one sentence, without their ends: comments, ranges, empty nodes and tokens."""
    lines = [f"#{draw(cells)}" for _ in range(draw(st.integers(0, 2)))]
    num_tokens = draw(st.integers(1, 4))
    misc = st.sampled_from(["_", "SpaceAfter=No", "NER=B-X", "A=b|NER=O|C", "XNER=a"])
    for i in range(1, num_tokens + 1):
        if i < num_tokens and draw(st.booleans()):
            lines.append("\t".join([f"{i}-{i + 1}", draw(cells), *["_"] * 8]))
        values = [draw(cells) for _ in range(8)]
        lines.append("\t".join([str(i), *values, draw(misc)]))
        if draw(st.booleans()):
            lines.append("\t".join([f"{i}.1", draw(cells), *["_"] * 8]))
    return lines


@st.composite
def column_blocks(draw: st.DrawFn, separator: str, width: int) -> list[str]:
    """The lines of one sentence in columns, without their ends."""
    if separator == "\t":
        # a tab-separated cell may be empty or hold blanks, only not all of them
        rest = st.lists(cells, min_size=width - 1, max_size=width - 1)
        first = st.one_of(cells, st.just(""), st.just(" "))
        rows = [[draw(first), *draw(rest)] for _ in range(draw(st.integers(1, 4)))]
        return ["\t".join(row) for row in rows if "".join(row).strip(" ")] or ["a\tb" + "\tc" * 2]
    rows = [[draw(plain_cells) for _ in range(width)] for _ in range(draw(st.integers(1, 4)))]
    runs = st.sampled_from([" ", "  ", "\t", " \t"])
    trailing = st.sampled_from(["", "", " ", "\t"])
    return ["".join([row[0], *(draw(runs) + c for c in row[1:]), draw(trailing)]) for row in rows]


@st.composite
def files(draw: st.DrawFn, one_block: st.SearchStrategy[list[str]]) -> str:
    """Blocks with blank lines of any kind between them, LF or CRLF, with a final one or none."""
    parts = ["\ufeff"] if draw(st.booleans()) else []
    for block in draw(st.lists(one_block, min_size=1, max_size=3)):
        for line in [*block, *draw(BLANK_LINES)]:
            parts.append(line + draw(ENDS))
    text = "".join(parts)
    return text if draw(st.booleans()) else text.rstrip("\r\n")

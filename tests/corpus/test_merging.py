"""Two files over the same text: whose tags go where, and what is said where they do not fit."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.alignment import Mismatch
from tagger.corpus.columns import read_columns
from tagger.corpus.conllu import read_conllu
from tagger.corpus.merging import Merged, merge
from tagger.corpus.writing import rewrite_sentence
from tagger.errors import UsageError
from tagger.schemes import spans_from_tags, tags_from_spans
from tagger.sentence import Layout, Sentence, Span
from tests.corpus.test_shared_corpora import open_shared

TAGS = Layout("columns", {"form": 0, "ner": 1}, width=2)


def plain(forms: str, **columns: str) -> Sentence:
    return Sentence(tuple(forms.split()), {name: tuple(t.split()) for name, t in columns.items()})


def ner_of(merged: Merged) -> list[str]:
    return [" ".join(sentence.columns.get("ner", ("-",))) for sentence in merged.sentences]


def told(mismatch: Mismatch) -> str:
    return (
        f"{mismatch.path}:{mismatch.line}: {mismatch.kind}: "
        f"expected {mismatch.expected}, found {mismatch.found}"
    )


def treebank(*sentences: str) -> list[Sentence]:
    """Sentences such as `id: a b c`."""
    lines = []
    rest = "\t_" * 8
    for sentence in sentences:
        name, _, forms = sentence.rpartition(": ")
        lines += [f"# sent_id = {name}\n"] if name else []
        lines += [f"{i}\t{form}{rest}\n" for i, form in enumerate(forms.split(), 1)] + ["\n"]
    return list(read_conllu(lines, "a.conllu"))


def entities(*sentences: str) -> list[Sentence]:
    """Sentences such as `id: a/O b/B-X`."""
    lines = []
    for sentence in sentences:
        name, _, tokens = sentence.rpartition(": ")
        lines += [f"# sent_id = {name}\n"] if name else []
        lines += [token.replace("/", "\t") + "\n" for token in tokens.split()] + ["\n"]
    return list(read_columns(lines, "b.iob2", TAGS))


def test_the_first_file_keeps_its_order_and_gets_the_columns_that_it_lacks() -> None:
    first = [plain("a b", upos="X Y"), plain("c", upos="Z")]
    second = [plain("c", ner="B-C", upos="no"), plain("a b", ner="O B-B", upos="no no")]
    merged = merge(first, second)
    assert [s.columns for s in merged.sentences] == [
        {"upos": ("X", "Y"), "ner": ("O", "B-B")},
        {"upos": ("Z",), "ner": ("B-C",)},
    ]
    assert (merged.names, merged.mismatches) == (("ner",), [])
    assert merge(first, second, ["upos"]).sentences[1].columns == {"upos": ("no",), "ner": ("B-C",)}


def test_a_column_that_only_some_sentences_of_the_first_have_is_not_filled_up() -> None:
    merged = merge([plain("a", upos="X"), plain("b")], [plain("b", upos="Y")])
    assert merged.sentences[1].columns == {}


def test_a_name_that_the_second_file_lacks_is_refused() -> None:
    with pytest.raises(UsageError, match="one of the columns ner, found 'upos'"):
        merge([plain("a")], [plain("a", ner="O")], ["ner", "upos"])


def test_sentences_of_one_text_are_partners_by_id_and_else_in_order() -> None:
    first = treebank("1: Yes", "2: Yes", "3: Yes")
    by_id = merge(first, entities("2: Yes/B-TWO", "1: Yes/B-ONE", "x: Yes/B-REST"))
    assert ner_of(by_id) == ["B-ONE", "B-TWO", "B-REST"]
    in_order = merge(first, entities("Yes/B-ONE", "Yes/B-TWO"))
    assert ner_of(in_order) == ["B-ONE", "B-TWO", "-"]
    assert list(map(told, in_order.mismatches)) == [
        "a.conllu:8: alone: expected this sentence in the other file too, found only here 'Yes'"
    ]


def test_ids_that_number_other_sentences_do_not_mislead() -> None:
    merged = merge(treebank("1: a b", "2: c"), entities("1: c/B-C", "2: a/B-A b/O"))
    assert ner_of(merged) == ["B-A O", "B-C"]
    assert merged.mismatches == []


def test_sentences_whose_characters_differ_are_listed_and_get_no_tags() -> None:
    first = treebank("1: a b c d", "2: e", "3: same")
    second = entities("1: a/O b/O x/B-X", "9: f/O", "3: same/O")
    merged = merge(first, second)
    assert ner_of(merged) == ["-", "-", "O"]
    assert list(map(told, merged.mismatches)) == [
        "a.conllu:4: text: expected 'x' as in b.iob2:4, found 'c d'",
        "a.conllu:8: alone: expected this sentence in the other file too, found only here 'e'",
        "b.iob2:7: alone: expected this sentence in the first file too, found only here 'f'",
    ]
    assert rewrite_sentence(merged.sentences[0]) == rewrite_sentence(first[0])


def test_lines_of_columns_do_not_become_ragged() -> None:
    layout = Layout("columns", {"form": 0, "xpos": 1}, width=2)
    first = list(read_columns(["a\tX\n", "\n", "b\tX\n", "\n", "# c\n"], "x", layout))
    merged = merge(first, entities("a/B-A"))
    assert ner_of(merged) == ["B-A", "_", "-"]
    written = "".join(
        rewrite_sentence(s, merged.names if s.forms else ()) for s in merged.sentences
    )
    assert written == "a\tX\tB-A\n\nb\tX\t_\n\n# c\n"


def test_spans_go_by_characters_where_tokens_differ() -> None:
    merged = merge(
        treebank("1: I do n't know New-York City ."),
        entities("1: I/O don't/O know/O New/B-L -/I-L York/I-L City/I-L ./O"),
    )
    assert ner_of(merged) == ["O O O O B-L I-L O"]
    assert list(map(told, merged.mismatches)) == [
        'a.conllu:3: tokens: expected "don\'t" as in b.iob2:3, found "do n\'t"',
        "a.conllu:6: tokens: expected 'New - York' as in b.iob2:5, found 'New-York'",
    ]


def test_a_span_that_ends_inside_a_token_is_widened_and_listed() -> None:
    merged = merge(treebank("1: @Ada met Bobs"), entities("1: @/O Ada/B-P met/O Bob/B-P s/O"))
    assert ner_of(merged) == ["B-P O B-P"]
    assert [told(m) for m in merged.mismatches if m.kind == "span"] == [
        "a.conllu:2: span: expected P 'Ada' as in b.iob2:3, found P '@Ada'",
        "a.conllu:4: span: expected P 'Bob' as in b.iob2:5, found P 'Bobs'",
    ]


def test_of_two_spans_in_one_token_the_first_has_it() -> None:
    merged = merge(treebank("1: ab cd e"), entities("1: a/B-A b/B-B cd/I-B e/O"))
    assert ner_of(merged) == ["B-A B-B O"]
    merged = merge(treebank("1: ab c"), entities("1: a/B-A b/B-B c/O"))
    assert ner_of(merged) == ["B-A O"]
    assert [told(m) for m in merged.mismatches if m.kind == "span"] == [
        "a.conllu:2: span: expected A 'a' as in b.iob2:2, found A 'ab'",
        "a.conllu:2: span: expected B 'b' as in b.iob2:3, found nothing",
    ]


def test_carried_tags_are_legal_in_the_scheme_of_the_second_file() -> None:
    second = entities("1: a/B-X b/I-X c/E-X", "2: d/S-X")
    assert ner_of(merge(treebank("1: a bc", "2: d"), second)) == ["B-X E-X", "S-X"]
    second = entities("1: a/I-X b/I-X cd/B-X", "2: d/I-X")
    assert ner_of(merge(treebank("1: ab c d", "2: d"), second)) == ["I-X B-X I-X", "I-X"]


def test_a_plain_tag_goes_only_to_a_token_of_the_same_characters() -> None:
    second = [plain("can not go", xpos="MD RB VB"), plain("a", xpos="DT")]
    merged = merge([plain("cannot go"), plain("a")], second)
    assert merged.sentences[0].columns == {"xpos": ("_", "VB")}


def test_what_nobody_annotated_stays_unannotated() -> None:
    second = [plain("a b cd e", ner="_ O B-X _"), plain("x", ner="B-X")]
    assert ner_of(merge([plain("a b c d e"), plain("x")], second))[0] == "_ O B-X I-X _"


def test_blanks_in_tokens_do_not_matter() -> None:
    merged = merge([Sentence(("10\u00a0000", "euros"))], [plain("10 000 euros", ner="B-M I-M I-M")])
    assert ner_of(merged) == ["B-M I-M"]
    alike = merge([Sentence(("10 000", ""))], [Sentence(("10\u00a0000",), {"ner": ("B-M",)})])
    assert ner_of(alike) == ["B-M O"]
    assert [m.kind for m in alike.mismatches] == ["tokens"]


def cut_at(text: str, cuts: set[int]) -> tuple[str, ...]:
    bounds = sorted({0, len(text)} | {cut for cut in cuts if cut < len(text)})
    return tuple(text[a:b] for a, b in pairwise(bounds))


@given(st.sets(st.integers(1, 11)), st.sets(st.integers(1, 11)), st.data())
@settings(deadline=None, max_examples=60)
def test_any_two_ways_to_cut_a_text_keep_every_span_that_fits(
    cuts: set[int], other_cuts: set[int], data: st.DataObject
) -> None:
    text = "abcdefghijkl"
    forms, others = cut_at(text, cuts), cut_at(text, other_cuts)
    bounds = sorted(data.draw(st.sets(st.integers(0, len(others)))))
    spans = [Span(a, b, data.draw(st.sampled_from("XY"))) for a, b in pairwise(bounds)]
    ner = tuple(tags_from_spans(spans, len(others), "IOB2"))
    whole = Sentence(("z",), {"ner": ("B-Z",)})
    merged = merge([Sentence(forms)], [Sentence(others, {"ner": ner, "xpos": others}), whole])
    columns = merged.sentences[0].columns
    if spans:
        texts = {
            ("".join(forms[s.start : s.end]), s.label) for s in spans_from_tags(columns["ner"])
        }
        wanted = {("".join(others[s.start : s.end]), s.label) for s in spans}
        misfits = [m for m in merged.mismatches if m.kind == "span"]
        assert len(wanted - texts) == len(misfits)
    there = set(zip(others, cut_ends(others), strict=True))
    assert columns.get("xpos", ("_",) * len(forms)) == tuple(
        form if place in there else "_"
        for form, place in zip(forms, zip(forms, cut_ends(forms), strict=True), strict=True)
    )


def cut_ends(forms: tuple[str, ...]) -> list[int]:
    return [len("".join(forms[: i + 1])) for i in range(len(forms))]


# joined sentences, spans, then mismatches: tokens, span, text, alone
ENGLISH = """
    train 12542 7022 12 3 1 1
    dev    2001  966  3 0 0 0
    test   2077 1088  3 0 0 0
"""


@pytest.mark.corpora
@pytest.mark.parametrize("row", ENGLISH.strip().splitlines())
def test_the_english_entities_join_the_english_treebank(row: str) -> None:
    split, *expected = row.split()
    first = list(open_shared(f"ud-english-ewt/en_ewt-ud-{split}.conllu"))
    second = list(open_shared(f"uner-english-ewt/en_ewt-ud-{split}.iob2"))
    merged = merge(first, second)
    joined = [s.columns["ner"] for s in merged.sentences if "ner" in s.columns]
    kinds = Counter(mismatch.kind for mismatch in merged.mismatches)
    assert [s.forms for s in merged.sentences] == [s.forms for s in first]
    assert [len(joined), sum(len(spans_from_tags(tags)) for tags in joined)] + [
        kinds[kind] for kind in ("tokens", "span", "text", "alone")
    ] == list(map(int, expected))

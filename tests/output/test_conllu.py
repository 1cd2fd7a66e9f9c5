"""CoNLL-U, cell by cell: sentences from text and sentences that keep their lines."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.files import open_corpus_file
from tagger.output.conllu import as_conllu, begin_conllu
from tagger.output.style import Style
from tagger.sentence import Sentence
from tests.output.samples import (
    ADA,
    FIXTURES,
    IN_A_FILE,
    NER,
    ODD,
    STYLE,
    of_words,
    read_conllu_text,
    sentences,
    tagged,
)


def test_conllu_has_the_text_ten_columns_and_a_blank_line() -> None:
    assert as_conllu(ADA, STYLE) == (
        "# text = Ada Lovelace wrote.\n"
        "1\tAda\t_\tPROPN\t_\t_\t_\t_\t_\tNER=B-PER\n"
        "2\tLovelace\t_\tPROPN\t_\t_\t_\t_\t_\tNER=I-PER\n"
        "3\twrote\t_\tVERB\t_\t_\t_\t_\t_\tSpaceAfter=No|NER=O\n"
        "4\t.\t_\tPUNCT\t_\t_\t_\t_\t_\tNER=O\n"
        "\n"
    )


def test_conllu_holds_only_the_columns_that_were_asked_for() -> None:
    assert as_conllu(ADA, NER).splitlines()[1] == "1\tAda" + "\t_" * 7 + "\tNER=B-PER"


def test_every_column_has_its_place_whatever_their_order() -> None:
    sentence = of_words("Hm", ner="O", feats="A=b", xpos="UH", upos="INTJ", chunk="B-X")
    style = Style(("chunk", "feats", "ner", "xpos", "upos"), frozenset())
    assert as_conllu(sentence, style).splitlines()[1] == (
        "1\tHm\t_\tINTJ\tUH\tA=b\t_\t_\t_\tCHUNK=B-X|NER=O"
    )


def test_a_glued_token_without_tags_in_misc_says_so_alone() -> None:
    lines = as_conllu(ADA, Style(("upos",), frozenset())).splitlines()[1:-1]
    assert [line.split("\t")[9] for line in lines] == ["_", "_", "SpaceAfter=No", "_"]


def test_tabs_and_line_breaks_in_a_text_are_blanks() -> None:
    lines = as_conllu(ODD, STYLE).split("\n")
    assert lines[0] == "# text = New York a b "
    assert [line.split("\t")[1] for line in lines[1:4]] == ["New York", "a b", " "]
    assert lines[2].endswith("\tSpaceAfter=No|NER=O")
    (again,) = read_conllu_text("\n".join(lines))
    assert again.columns["ner"] == ODD.columns["ner"]


def test_an_empty_form_is_an_underscore() -> None:
    sentence = Sentence(("",), {"upos": ("X",), "ner": ("O",)})
    assert as_conllu(sentence, STYLE).splitlines()[1].startswith("1\t_\t_\tX\t")


def test_a_conllu_sentence_keeps_its_own_lines() -> None:
    before = (FIXTURES / "every_kind_of_line.conllu").read_text("utf-8")
    (sentence,) = read_conllu_text(before)
    after = as_conllu(tagged(sentence), STYLE)
    assert "3-4\tau\t_\t_\t_\t_\t_\t_\t_\tGloss=to_the\n" in after
    assert "5\tmarché\tmarché\tX\tN\tGender=Masc\t2\tobl\t_\tSpaceAfter=No|NER=O\n" in after
    changed = [
        (old, new)
        for old, new in zip(before.split("\n"), after.split("\n"), strict=True)
        if old != new
    ]
    assert len(changed) == len(sentence)


def test_a_single_conllu_file_stays_as_it_ends() -> None:
    corpus = open_corpus_file(FIXTURES / "no_final_newline.conllu")
    text = "".join(as_conllu(tagged(sentence), STYLE) for sentence in corpus)
    assert text.endswith("\tNER=O")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("missing", ["", "{}", "{}{}", "{}  {}"])
def test_sentences_of_several_files_do_not_run_into_one_another(end: str, missing: str) -> None:
    """Whatever blank line and newline the first file lacks at its end."""
    first = "# a\n1\tRain\u2028" + "\t_" * 8 + "\n2\tfell\u0085" + "\t_" * 8
    text = first.replace("\n", end) + missing.replace("{}", end)
    written = "".join(as_conllu(tagged(s), IN_A_FILE) for s in read_conllu_text(text) * 2)
    again = read_conllu_text(written)
    assert [sentence.forms for sentence in again] == [("Rain\u2028", "fell\u0085")] * 2
    assert written.count("\r") == (written.count("\n") if end == "\r\n" else 0)


def test_comments_at_the_end_of_a_file_do_not_join_the_next_file() -> None:
    (comments,) = read_conllu_text("# the end")
    assert as_conllu(comments, IN_A_FILE) == "# the end\n\n"
    assert as_conllu(comments, STYLE) == "# the end"


def test_a_column_sentence_has_its_forms_joined_by_blanks() -> None:
    sentence = next(iter(open_corpus_file(FIXTURES / "empty_token.conll")))
    lines = as_conllu(sentence, NER).splitlines()
    assert lines[0] == "# text = RT @ada    New York #"
    assert [line.split("\t")[1] for line in lines[1:-1]] == [
        *("RT", "@ada", "_", " ", "New York", "#")
    ]
    assert "SpaceAfter" not in "".join(lines)


def test_each_of_several_inputs_is_a_document() -> None:
    assert begin_conllu(IN_A_FILE, "a b.txt") == "# newdoc id = a b.txt\n"
    assert begin_conllu(STYLE, "a b.txt") == ""


@given(sentence=sentences())
@settings(deadline=None)
def test_no_token_and_no_tag_is_lost(sentence: Sentence) -> None:
    text = as_conllu(sentence, STYLE)
    (again,) = read_conllu_text(text)
    assert len(again) == len(sentence)
    assert again.columns["upos"] == sentence.columns["upos"]
    assert again.columns["ner"] == sentence.columns["ner"]
    assert as_conllu(again, STYLE) == text


@given(
    forms=st.lists(st.text("ab", min_size=1, max_size=2), min_size=1),
    gaps=st.lists(st.sampled_from(["", " "])),
)
@settings(deadline=None)
def test_forms_and_space_after_rebuild_the_text(forms: list[str], gaps: list[str]) -> None:
    gaps = [*gaps, *[" "] * len(forms)][: len(forms) - 1] + [""]
    text = "".join(map("".join, zip(forms, gaps, strict=True)))
    starts = [len("".join(forms[:i]) + "".join(gaps[:i])) for i in range(len(forms))]
    offsets = tuple((start, start + len(form)) for start, form in zip(starts, forms, strict=True))
    written = as_conllu(tagged(Sentence(tuple(forms), {}, offsets, text)), STYLE)
    first, *rows = written.strip().split("\n")
    cells = [row.split("\t") for row in rows]
    rebuilt = "".join(c[1] + ("" if "SpaceAfter=No" in c[9].split("|") else " ") for c in cells)
    assert first == f"# text = {text}"
    assert rebuilt == f"{text} "

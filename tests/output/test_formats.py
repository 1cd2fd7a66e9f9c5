"""What each output format writes for a sentence, cell by cell."""

import json
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.conllu import read_conllu
from tagger.corpus.files import open_corpus_file
from tagger.corpus.lines import decode_lines
from tagger.output.formats import FORMATS, Style, as_conllu, as_jsonl, as_tsv, tsv_header
from tagger.sentence import Sentence

FIXTURES = Path(__file__).parents[1] / "fixtures"
STYLE = Style(columns=("upos", "ner"), spans=frozenset({"ner"}))
IN_A_FILE = Style(columns=("upos", "ner"), spans=frozenset({"ner"}), file="a b.txt")
TAGS = {
    "upos": ("PROPN", "PROPN", "VERB", "PUNCT"),
    "ner": ("B-PER", "I-PER", "O", "O"),
}
ADA = Sentence(
    forms=("Ada", "Lovelace", "wrote", "."),
    columns=TAGS,
    offsets=((10, 13), (14, 22), (23, 28), (28, 29)),
    text="Ada Lovelace wrote.",
    start=10,
)
# Forms with a tab and a line break inside, from a text that has them.
ODD = Sentence(
    forms=("New\tYork", "a\nb", "\r"),
    columns={"upos": ("X", "X", "X"), "ner": ("B-LOC", "O", "O")},
    offsets=((0, 8), (9, 12), (12, 13)),
    text="New\tYork a\nb\r",
)


def read_conllu_text(text: str) -> list[Sentence]:
    return list(read_conllu(decode_lines(BytesIO(text.encode()), "x"), "x"))


def tagged(sentence: Sentence) -> Sentence:
    """The sentence with X and O for all its tokens, as if a model had said so."""
    n = len(sentence)
    return sentence.with_columns({"upos": ("X",) * n, "ner": ("O",) * n})


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
    style = Style(columns=("ner",), spans=frozenset())
    assert as_conllu(ADA, style).splitlines()[1] == "1\tAda" + "\t_" * 7 + "\tNER=B-PER"


def test_tabs_and_line_breaks_in_a_text_are_blanks_in_conllu() -> None:
    lines = as_conllu(ODD, STYLE).split("\n")
    assert lines[0] == "# text = New York a b "
    assert [line.split("\t")[1] for line in lines[1:4]] == ["New York", "a b", " "]
    assert lines[2].endswith("\tSpaceAfter=No|NER=O")
    (again,) = read_conllu_text("\n".join(lines))
    assert again.columns["ner"] == ODD.columns["ner"]


def test_an_empty_form_is_an_underscore_in_conllu() -> None:
    sentence = Sentence(("",), {"upos": ("X",), "ner": ("O",)})
    assert as_conllu(sentence, STYLE).splitlines()[1].startswith("1\t_\t_\tX\t")


def test_a_conllu_sentence_keeps_its_own_lines_in_conllu() -> None:
    before = (FIXTURES / "every_kind_of_line.conllu").read_text("utf-8")
    (sentence,) = read_conllu_text(before)
    n = len(sentence)
    after = as_conllu(sentence.with_columns({"upos": ("X",) * n, "ner": ("O",) * n}), STYLE)
    assert "3-4\tau\t_\t_\t_\t_\t_\t_\t_\tGloss=to_the\n" in after
    assert "5\tmarché\tmarché\tX\tN\tGender=Masc\t2\tobl\t_\tSpaceAfter=No|NER=O\n" in after
    changed = [
        (old, new)
        for old, new in zip(before.split("\n"), after.split("\n"), strict=True)
        if old != new
    ]
    assert len(changed) == n


def test_a_single_conllu_file_stays_as_it_ends() -> None:
    corpus = open_corpus_file(FIXTURES / "no_final_newline.conllu")
    text = "".join(as_conllu(tagged(sentence), STYLE) for sentence in corpus)
    assert text.endswith("\tNER=O")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("missing", ["", "{}", "{}{}", "{}  {}"])
def test_sentences_of_several_conllu_files_do_not_run_into_one_another(
    end: str, missing: str
) -> None:
    """Whatever blank line and newline the first file lacks at its end."""
    first = "# a\n1\tRain\u2028" + "\t_" * 8 + "\n2\tfell\u0085" + "\t_" * 8
    text = first.replace("\n", end) + missing.replace("{}", end)
    written = "".join(as_conllu(tagged(s), IN_A_FILE) for s in read_conllu_text(text) * 2)
    again = read_conllu_text(written)
    assert [sentence.forms for sentence in again] == [("Rain\u2028", "fell\u0085")] * 2
    assert written.count("\r") == (written.count("\n") if end == "\r\n" else 0)


def test_comments_at_the_end_of_a_conllu_file_do_not_join_the_next_file() -> None:
    (comments,) = read_conllu_text("# the end")
    assert as_conllu(comments, IN_A_FILE) == "# the end\n\n"
    assert as_conllu(comments, STYLE) == "# the end"


def test_a_column_sentence_becomes_conllu_with_the_forms_joined_by_blanks() -> None:
    sentence = next(iter(open_corpus_file(FIXTURES / "empty_token.conll")))
    style = Style(columns=("ner",), spans=frozenset({"ner"}))
    lines = as_conllu(sentence, style).splitlines()
    assert lines[0] == "# text = RT @ada    New York #"
    assert [line.split("\t")[1] for line in lines[1:-1]] == [
        *("RT", "@ada", "_", " ", "New York", "#")
    ]
    assert "SpaceAfter" not in "".join(lines)


def test_tsv_has_forms_offsets_and_tags() -> None:
    assert tsv_header(STYLE) == "form\tstart\tend\tupos\tner\n"
    assert as_tsv(ADA, STYLE) == (
        "Ada\t10\t13\tPROPN\tB-PER\n"
        "Lovelace\t14\t22\tPROPN\tI-PER\n"
        "wrote\t23\t28\tVERB\tO\n"
        ".\t28\t29\tPUNCT\tO\n"
        "\n"
    )


def test_tsv_of_several_files_names_the_file_first() -> None:
    assert tsv_header(IN_A_FILE) == "file\tform\tstart\tend\tupos\tner\n"
    assert as_tsv(ADA, IN_A_FILE).startswith("a b.txt\tAda\t10\t13\tPROPN\tB-PER\n")


def test_tabs_and_line_breaks_in_a_form_are_blanks_in_tsv() -> None:
    rows = [line.split("\t") for line in as_tsv(ODD, STYLE).split("\n")[:3]]
    assert rows == [
        ["New York", "0", "8", "X", "B-LOC"],
        ["a b", "9", "12", "X", "O"],
        [" ", "12", "13", "X", "O"],
    ]


def test_json_has_the_text_tokens_and_spans() -> None:
    line = as_jsonl(ADA, STYLE)
    assert line.endswith("}\n")
    assert json.loads(line) == {
        "start": 10,
        "text": "Ada Lovelace wrote.",
        "tokens": [
            {"form": "Ada", "start": 10, "end": 13, "upos": "PROPN", "ner": "B-PER"},
            {"form": "Lovelace", "start": 14, "end": 22, "upos": "PROPN", "ner": "I-PER"},
            {"form": "wrote", "start": 23, "end": 28, "upos": "VERB", "ner": "O"},
            {"form": ".", "start": 28, "end": 29, "upos": "PUNCT", "ner": "O"},
        ],
        "ner_spans": [{"label": "PER", "start": 10, "end": 22, "text": "Ada Lovelace"}],
    }


def test_json_of_several_files_names_the_file_first() -> None:
    assert as_jsonl(ADA, IN_A_FILE).startswith('{"file":"a b.txt","start":10,')


def test_json_keeps_tabs_and_line_breaks_on_one_line() -> None:
    line = as_jsonl(ODD, STYLE)
    assert line.count("\n") == 1
    row = json.loads(line)
    assert row["text"] == ODD.text
    assert [token["form"] for token in row["tokens"]] == list(ODD.forms)
    assert row["ner_spans"] == [{"label": "LOC", "start": 0, "end": 8, "text": "New\tYork"}]


def test_a_span_covers_what_stands_between_its_tokens_too() -> None:
    sentence = Sentence(
        ("New", "York"),
        {"ner": ("B-LOC", "I-LOC")},
        offsets=((5, 8), (11, 15)),
        text=" New\n  York ",
        start=4,
    )
    row = json.loads(as_jsonl(sentence, Style(("ner",), frozenset({"ner"}))))
    assert row["ner_spans"] == [{"label": "LOC", "start": 5, "end": 15, "text": "New\n  York"}]


def test_json_of_a_corpus_sentence_counts_offsets_from_its_text() -> None:
    (sentence,) = open_corpus_file(FIXTURES / "conll2002.conll")
    row = json.loads(as_jsonl(sentence, Style(("ner",), frozenset({"ner"}))))
    assert (row["start"], row["text"]) == (0, "Ana vive en La Paz .")
    assert [span["text"] for span in row["ner_spans"]] == ["Ana", "La Paz"]


@pytest.mark.parametrize("name", FORMATS)
def test_a_sentence_of_no_tokens_writes_nothing(name: str) -> None:
    assert FORMATS[name](Sentence((), {"upos": (), "ner": ()}), STYLE) == ""
    assert FORMATS[name](Sentence(()), STYLE) == ""


@given(
    forms=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), min_size=1),
    start=st.integers(0, 5),
)
@settings(deadline=None)
def test_no_token_is_lost_in_any_format(forms: list[str], start: int) -> None:
    text = "".join(forms)
    ends = [start + len("".join(forms[: i + 1])) for i in range(len(forms))]
    offsets = tuple(zip([start, *ends], ends, strict=False))
    sentence = tagged(Sentence(tuple(forms), {}, offsets, text, start))

    row = json.loads(as_jsonl(sentence, STYLE))
    assert [token["form"] for token in row["tokens"]] == forms
    for token in row["tokens"]:
        assert row["text"][token["start"] - start : token["end"] - start] == token["form"]

    lines = as_tsv(sentence, STYLE).split("\n")
    assert lines[-2:] == ["", ""]
    assert [line.count("\t") for line in lines[:-2]] == [4] * len(forms)
    (again,) = read_conllu_text(as_conllu(sentence, STYLE))
    assert len(again) == len(forms)
    assert again.columns["upos"] == sentence.columns["upos"]

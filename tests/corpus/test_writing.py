"""Tags written into the lines that were read: these cells change and nothing else."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.columns import read_columns
from tagger.corpus.conllu import MISC_FIELD, TAG_FIELDS, misc_value, read_conllu
from tagger.corpus.files import open_corpus_file
from tagger.corpus.lines import decode_lines
from tagger.corpus.overruling import Asked
from tagger.corpus.writing import rewrite_sentence
from tagger.sentence import Layout, Sentence
from tests.corpus.generated import column_blocks, conllu_blocks, files

FIXTURES = Path(__file__).parents[1] / "fixtures"
Reader = Callable[[str], list[Sentence]]
NEW_TAGS = {"upos": "NEW-U", "ner": "B-NEW", "my": "m"}


def tagged(sentence: Sentence, *names: str) -> str:
    """The sentence's lines with one new tag for every token in each of these columns."""
    columns = {name: (NEW_TAGS.get(name, "NEW"),) * len(sentence) for name in names}
    return rewrite_sentence(sentence.with_columns(columns), names if sentence.forms else ())


def rewritten(fixture: str, *names: str, columns: str | None = None) -> list[str]:
    corpus = open_corpus_file(FIXTURES / fixture, Asked(columns=columns))
    return "".join(tagged(s, *names) for s in corpus.with_empty()).splitlines(keepends=True)


def changed_lines(fixture: str, *names: str) -> list[str]:
    """Those lines that are not as they were."""
    before = (FIXTURES / fixture).read_bytes().decode().splitlines(keepends=True)
    after = rewritten(fixture, *names)
    assert len(before) == len(after)
    return [new for old, new in zip(before, after, strict=True) if old != new]


def test_a_sentence_from_nowhere_has_no_lines_to_write() -> None:
    with pytest.raises(ValueError, match="not read from a corpus of lines"):
        rewrite_sentence(Sentence(("Rain",)))


def test_a_conllu_tag_changes_its_own_cell_only() -> None:
    assert changed_lines("every_kind_of_line.conllu", "upos")[0] == (
        "1\tIl\tlui\tNEW-U\tCLS\tNumber=Sing|Person=3\t2\tnsubj\t_\t_\n"
    )
    assert len(changed_lines("every_kind_of_line.conllu", "upos")) == 6


def test_an_entity_tag_of_conllu_goes_into_misc() -> None:
    lines = changed_lines("every_kind_of_line.conllu", "ner", "my")
    assert [line.rstrip("\n").split("\t")[MISC_FIELD] for line in lines] == [
        *["NER=B-NEW|MY=m"] * 4,
        "SpaceAfter=No|NER=B-NEW|MY=m",
        "NER=B-NEW|MY=m",
    ]


def test_windows_line_ends_and_the_byte_order_mark_stay() -> None:
    lines = rewritten("crlf_and_bom.conllu", "upos", "ner")
    assert lines[0] == "\ufeff# sent_id = a\r\n"
    assert lines[2] == "1\tCats\tcats\tNEW-U\tNNS\t_\t0\troot\t_\tNER=B-NEW\r\n"


def test_a_missing_final_newline_stays_missing() -> None:
    assert rewritten("no_final_newline.conllu", "ner")[-1].endswith("\tNER=B-NEW")


def test_a_column_tag_changes_its_own_cell_only() -> None:
    assert changed_lines("uner.iob2", "ner")[:2] == [
        "1\tAda\tB-NEW\t-\tann\n",
        "2\tsaw\tB-NEW\t-\tann\n",
    ]
    assert changed_lines("docstart.conll", "ner")[0] == "Ada NNP B-NP B-NEW\n"
    assert len(changed_lines("docstart.conll", "ner")) == 6


def test_a_new_column_is_added_behind_the_last() -> None:
    assert changed_lines("uner.iob2", "my")[0] == "1\tAda\tB-PER\t-\tann\tm\n"
    assert changed_lines("docstart.conll", "my", "other")[0] == "Ada NNP B-NP B-PER m NEW\n"


def test_empty_tokens_keep_their_place() -> None:
    assert changed_lines("empty_token.conll", "ner")[2:5] == [
        "\tB-NEW\n",
        " \tB-NEW\n",
        "New York\tB-NEW\n",
    ]


def test_runs_of_blanks_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "aligned.conll"
    path.write_bytes(b"Ada   NNP \tB-PER  \r\nslept VBD   O\r\nwell RB O\r\n\r\n")
    (sentence,) = open_corpus_file(path)
    assert tagged(sentence, "xpos") == (
        "Ada   NEW \tB-PER  \r\nslept NEW   O\r\nwell NEW O\r\n\r\n"
    )
    assert tagged(sentence, "ner") == (
        "Ada   NNP \tB-NEW  \r\nslept VBD   B-NEW\r\nwell RB B-NEW\r\n\r\n"
    )


def test_no_more_and_no_fewer_tags_than_tokens_can_be_written() -> None:
    sentence = next(iter(open_corpus_file(FIXTURES / "uner.iob2")))
    with pytest.raises(ValueError):
        rewrite_sentence(sentence.with_columns({"ner": ("O",)}), ["ner"])


def split_keeping_ends(text: str) -> list[tuple[list[str], str]]:
    lines = [line.decode() for line in BytesIO(text.encode())]
    contents = [line.rstrip("\r\n") for line in lines]
    return [
        (content.split("\t"), line[len(content) :])
        for content, line in zip(contents, lines, strict=True)
    ]


@given(text=files(conllu_blocks()))
@settings(deadline=None, max_examples=60)
def test_in_any_conllu_file_only_the_cells_of_the_new_tags_change(text: str) -> None:
    sentences = list(read_conllu(decode_lines(BytesIO(text.encode()), "x"), "x"))
    after = "".join(tagged(sentence, "upos", "ner") for sentence in sentences)
    rows = zip(split_keeping_ends(text), split_keeping_ends(after), strict=True)
    for (old, old_end), (new, new_end) in rows:
        assert old_end == new_end
        if old[0].lstrip("\ufeff").isdecimal():
            assert new[TAG_FIELDS["upos"]] == "NEW-U"
            assert misc_value(new[MISC_FIELD], "NER") == "B-NEW"
            pairs = [pair for pair in old[MISC_FIELD].split("|") if not pair.startswith("NER=")]
            kept = [pair for pair in new[MISC_FIELD].split("|") if pair != "NER=B-NEW"]
            assert kept == [pair for pair in pairs if pair != "_"]
            old[TAG_FIELDS["upos"]], old[MISC_FIELD] = new[TAG_FIELDS["upos"]], new[MISC_FIELD]
        assert old == new


@given(text=files(conllu_blocks()))
@settings(deadline=None, max_examples=60)
def test_what_was_written_is_read_again(text: str) -> None:
    sentences = list(read_conllu(decode_lines(BytesIO(text.encode()), "x"), "x"))
    after = "".join(tagged(sentence, "upos", "ner") for sentence in sentences)
    again = list(read_conllu(decode_lines(BytesIO(after.encode()), "x"), "x"))
    assert [s.forms for s in again] == [s.forms for s in sentences]
    for sentence in filter(len, again):
        assert set(sentence.columns["upos"]) == {"NEW-U"}
        assert set(sentence.columns["ner"]) == {"B-NEW"}


@given(text=files(column_blocks("\t", 3)), name=st.sampled_from(["ner", "my"]))
@settings(deadline=None, max_examples=60)
def test_in_any_column_file_only_the_cells_of_the_new_tags_change(text: str, name: str) -> None:
    layout = Layout("columns", {"form": 0, "ner": 2}, "\t", comments=False, width=3)
    sentences = list(read_columns(decode_lines(BytesIO(text.encode()), "x"), "x", layout))
    after = "".join(tagged(sentence, name) for sentence in sentences)
    rows = zip(split_keeping_ends(text), split_keeping_ends(after), strict=True)
    for (old, old_end), (new, new_end) in rows:
        assert old_end == new_end
        if "".join(old).strip(" ") and len(old) == 3:
            expected = [*old[:2], "B-NEW"] if name == "ner" else [*old, "m"]
            assert new == expected
        else:
            assert new == old


def one_after_another(text: str, names: list[str], read: Reader) -> str:
    """The text in which each column was written into what the one before it gave."""
    for name in names:
        text = "".join(tagged(sentence, name) for sentence in read(text))
    return text


some_names = st.lists(st.sampled_from(["upos", "xpos", "feats", "ner", "my"]), unique=True)


@given(text=files(conllu_blocks()), names=some_names)
@settings(deadline=None, max_examples=60)
def test_columns_of_conllu_are_written_at_once_as_one_after_another(
    text: str, names: list[str]
) -> None:
    def read(text: str) -> list[Sentence]:
        return list(read_conllu(decode_lines(BytesIO(text.encode()), "x"), "x"))

    at_once = "".join(tagged(sentence, *names) for sentence in read(text))
    assert at_once == one_after_another(text, names, read)


@given(data=st.data(), separator=st.sampled_from(["\t", " "]), names=some_names)
@settings(deadline=None, max_examples=60)
def test_columns_of_other_files_are_written_at_once_as_one_after_another(
    data: st.DataObject, separator: Literal["\t", " "], names: list[str]
) -> None:
    fields = {"form": 1, "ner": 0, "upos": 3}
    layout = Layout("columns", fields, separator, comments=False)

    def read(text: str) -> list[Sentence]:
        return list(read_columns(decode_lines(BytesIO(text.encode()), "x"), "x", layout))

    text = data.draw(files(column_blocks(separator, 4)))
    at_once = "".join(tagged(sentence, *names) for sentence in read(text))
    assert at_once == one_after_another(text, names, read)


def test_a_new_column_of_conll_u_plus_is_named_in_its_header() -> None:
    lines = changed_lines("plus.conllup", "my")
    assert lines[0] == "# global.columns = ID FORM UPOS NER PARSEME:MWE MY\n"
    assert lines[1:3] == ["1\tAda\tPROPN\tB-PER\t*\tm\n", "2\tgave\tVERB\tO\t1:VPC\tm\n"]
    assert len(lines) == 7  # the header and the tokens: no range, no empty node


def test_conll_u_plus_with_a_new_column_has_a_header_for_it(tmp_path: Path) -> None:
    path = tmp_path / "x.conllup"
    path.write_bytes("\ufeff# global.columns = FORM NER\r\na\tO\r\n\r\nb\tO\r\n".encode())
    sentences = list(open_corpus_file(path))
    after = "".join(tagged(s, "my", "ner", "other") for s in sentences)
    assert after == (
        "\ufeff# global.columns = FORM NER MY OTHER\r\na\tB-NEW\tm\tNEW\r\n\r\nb\tB-NEW\tm\tNEW\r\n"
    )
    path.write_bytes(after.encode())
    assert list(open_corpus_file(path))[1].columns == {
        "ner": ("B-NEW",),
        "my": ("m",),
        "other": ("NEW",),
    }


def test_a_tag_of_conll_u_plus_changes_its_own_cell_only() -> None:
    assert changed_lines("plus.conllup", "ner")[0] == "1\tAda\tPROPN\tB-NEW\t*\n"
    assert len(changed_lines("plus.conllup", "ner")) == 6


def test_inner_and_outer_entities_are_written_where_they_stood() -> None:
    (first, *_) = changed_lines("germeval_nested.tsv", "ner2", "ner")
    assert first == "1\tUniversität\tB-NEW\tNEW\n"
    assert len(changed_lines("germeval_nested.tsv", "ner2")) == 7 * 4


def test_pairs_are_written_with_their_own_sign() -> None:
    assert rewritten("wikiner.pairs", "ner")[1] == (
        "Ada|NNP|B-NEW ran|VBD|B-NEW to|IN|B-NEW Oslo|NNP|B-NEW .|.|B-NEW\n"
    )
    assert rewritten("words.pairs", "my")[2:] == [
        "\tRain/NN/m  fell/VBD/m ./.  \n".replace("./.", "././m"),
        "well/RB/m !/./m",
    ]

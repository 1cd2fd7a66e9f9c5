"""A model's card: what it was made from, how, how well it does, and what it cannot."""

from collections.abc import Sequence

import msgspec

from tagger.evaluation.scores import RawScore, Score
from tagger.inference.folder import Description, Head
from tagger.inference.records import LanguageModelRecord, TransformerRecord

_CARD = """\
# {name}

A model for `tagger` {version}: a bidirectional LSTM that predicts {columns}.

## Made from

| split | file | sentences | tokens | SHA-256 |
|---|---|---|---|---|
{data}
{vectors}{language_model}{transformer}{distillation}
The licence and attribution of these files hold for the model too: name them here before you pass
it on.

## Scores on dev

| task | score | precision | recall | on | computed as |
|---|---|---|---|---|---|
{scores}

{raw}Dev chose the epoch, so these figures are a little optimistic: score a test file with
`tagger evaluate`.

## What it predicts

{tags}

## How to make it again

Seed {seed}, epoch {epoch}, {weights} weights; the settings stand in `model.json`.

    {command}

## Limits

It knows the language and the kind of text it was trained on. Words that were not in the training
files are judged by their characters and {judges}.
"""

_VECTORS = """
It was built on the word vectors of `{name}` (SHA-256 `{sha256}`):
{size} numbers each for {training_words:,} words of the training files and {other_words:,} others.
"""

_LANGUAGE_MODEL = """
It reads {kind} with the language model `{name}` (SHA-256 of its weights `{sha256}`):
{hidden_size} units a direction, {read}, held-out {score}.
{tuning}The licence and attribution of its text hold here too.
"""

_DISTILLATION = """
It also learned from the probabilities that {teachers} gave for {tokens:,} tokens{texts}.
The licence and attribution of what the teachers were made from, and of these texts, hold here too.
"""

_TRANSFORMER = """
It reads sentences with a transformer that was fine-tuned from `{name}` ({family}, SHA-256 of its
weights `{sha256}`):
{layers} layers of {hidden_size} units. Its licence, {license}, holds here too.
"""

_RAW = """\
From the raw text of dev, cut into sentences, tokens and words by what the model learned of that:

| figure | F1 | precision | recall | computed as |
|---|---|---|---|---|
{rows}

"""


def model_card(description: Description, name: str) -> str:
    """The card as Markdown."""
    rows = [
        f"| {r.split} | {r.name} | {r.sentences:,} | {r.tokens:,} | `{r.sha256}` |"
        for r in description.data
    ]
    vectors, language_model = description.vectors, description.language_model
    transformer = description.transformer
    return _CARD.format(
        name=name,
        version=description.tagger_version,
        columns=", ".join(f"`{head.task.name}`" for head in description.heads),
        data="\n".join(rows),
        vectors=_VECTORS.format(**msgspec.to_builtins(vectors)) if vectors else "",
        language_model=_of_language_model(language_model) if language_model else "",
        distillation=_distillation(description),
        transformer=_of_transformer(transformer) if transformer else "",
        judges=_judges(description),
        scores="\n".join(_score_row(score) for score in description.scores),
        raw=_raw_table(description.raw_scores),
        tags="\n".join(_tags(head) for head in description.heads),
        seed=description.seed,
        epoch=description.epoch,
        weights=f"{description.num_weights:,}",
        command=description.command,
    )


def _distillation(description: Description) -> str:
    """Who taught what, nothing where nobody did."""
    taught = description.distillation
    if not taught:
        return ""
    texts = " and ".join(f"`{text.name}` (SHA-256 `{text.sha256}`)" for text in taught.texts)
    return _DISTILLATION.format(
        teachers=" and ".join(f"`{t.name}` (SHA-256 `{t.sha256}`)" for t in taught.teachers),
        tokens=taught.tokens,
        texts=f" of {texts}" if texts else "",
    )


def _of_language_model(record: LanguageModelRecord) -> str:
    reads = record.reads
    tuning = "These are of before it was fine-tuned with the tagger.\n" if record.fine_tuned else ""
    return _LANGUAGE_MODEL.format(
        **msgspec.to_builtins(record),
        tuning=tuning,
        read=f"{record.tokens:,} {reads.tokens} read",
        score=f"{reads.measure} {reads.told(record.perplexity)}",
    )


def _of_transformer(record: TransformerRecord) -> str:
    told = record.license or "of which its folder says nothing"
    return _TRANSFORMER.format(**{**msgspec.structs.asdict(record), "license": told})


def _judges(description: Description) -> str:
    """What an unknown word is judged by, beside its characters."""
    if description.transformer:
        return "neighbours, and by what the transformer knows of both"
    return (
        "neighbours, and their vector if they have one"
        if description.vectors
        else ("neighbours alone")
    )


def _raw_table(scores: Sequence[RawScore]) -> str:
    """The scores from raw text as a table, nothing where there are none."""
    rows = []
    for score in scores:
        figures = (f"{100 * figure:.2f}" for figure in (score.value, score.precision, score.recall))
        signature = score.signature.replace("|", "; ")
        rows.append(f"| {score.task} | {' | '.join(figures)} | {signature} |")
    return _RAW.format(rows="\n".join(rows)) if rows else ""


def _score_row(score: Score) -> str:
    figures = [
        "-" if figure is None else f"{100 * figure:.2f}"
        for figure in (score.value, score.precision, score.recall)
    ]
    on = f"{score.sentences:,} sentences, {score.tokens:,} tokens"
    signature = score.signature.replace("|", "; ")
    return f"| {score.task} | {' | '.join(figures)} | {on} | {signature} |"


def _tags(head: Head) -> str:
    if head.task.scheme is None:
        return f"- `{head.task.name}` ({head.kind}): {' '.join(head.task.tags)}"
    labels = dict.fromkeys(tag[2:] for tag in head.task.tags if tag[2:])
    return f"- `{head.task.name}` ({head.kind}, spans): {' '.join(labels)}"

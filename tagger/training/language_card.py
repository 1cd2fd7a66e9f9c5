"""A language model's card: what it read, how well it predicts, what it is for."""

from tagger.inference.language_folder import LanguageDescription


def language_card(description: LanguageDescription, name: str) -> str:
    """The card as Markdown; licence and attribution are for its maker to add."""
    held_out, units = description.held_out, description.settings["hidden_size"]
    kind = description.kind
    texts = "\n".join(
        f"| {record.name} | {f'`{record.sha256}`' if record.sha256 else '(standard input)'} |"
        for record in description.data
    )
    return f"""# {name}

Two LSTM language models over {kind.name}, one that reads forward and one backward, made by tagger
{description.tagger_version}: {units} units a direction, {description.num_weights:,} weights,
{description.tokens:,} {kind.tokens} read in {description.steps:,} steps.

| held-out {kind.measure} | |
|---|---|
| forward | {kind.told(held_out.forward)} |
| backward | {kind.told(held_out.backward)} |
| {kind.tokens} | {held_out.tokens:,} |
| of them unknown | {100 * description.unknown:.1f} % |
| bits per character, forward | {description.bits_per_character:.3f} |

{kind.unknown}

## Text

| file | SHA-256 |
|---|---|
{texts}

Licence and attribution of these texts: to be added by whoever passes the model on.

## Use

    tagger train … --lm {name}
    tagger generate {name}

It repeats what such texts say, true or not, and knows nothing else.

Made by: `{description.command}`
"""

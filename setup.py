"""The packages, and the shipped models, which lie outside of them in `models/`."""

from setuptools import find_packages, setup

MODELS = {"tagger.models.en": "models/en"}

setup(
    packages=[*find_packages(include=["tagger*"]), *MODELS],
    package_dir=MODELS,
    package_data={
        "tagger": ["py.typed"],
        "tagger.corpus": ["catalogue.toml"],
        "tagger.streaming": ["sample.txt"],
        **{name: ["*", "segmenter/*"] for name in MODELS},
    },
)

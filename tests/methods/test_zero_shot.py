"""Zero-shot: the scores are those of the causal model itself, computed here text by text."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from bakeoff.errors import BadValue, UnknownName
from bakeoff.methods.baselines.zero_shot import CONTENT_FREE, ZeroShot
from bakeoff.methods.compatibility import refusal
from bakeoff.models.base import Base, load_base
from bakeoff.models.sources import locate_model
from bakeoff.system.workspace import Workspace
from bakeoff.training.artifacts import load_trained
from bakeoff.training.run import prepare
from bench import Bench, accuracy
from tiny import save_tiny

NAMES = ("negative", "positive")
WORDS = {"negative": "bad", "positive": "very good"}
TEXTS = ["the film is grim", "a lovely plot", "the music was not bright and the ending is dull"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("causal"), "gpt2")


@pytest.fixture(scope="module")
def base(folder: Path) -> Base:
    located = locate_model(str(folder), workspace=Workspace(folder))
    return load_base(located, label_names=NAMES, seed=1)


def logits_of(base: Base, **options: object) -> np.ndarray:
    model = ZeroShot().build(base, ZeroShot.Config(**options)).eval()
    batch = base.tokenizer(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        return model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits.numpy()


def by_hand(folder: Path, base: Base, text: str, word: str, *, before: str, after: str, mean: bool) -> float:
    """Return a word's log-probability after a prompt, from transformers' own causal model, one token at a time."""
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    pieces = [base.tokenizer(part, add_special_tokens=False)["input_ids"] for part in (before, text, after)]
    ids = [base.tokenizer.cls_token_id, *pieces[0], *pieces[1], *pieces[2]]
    found = []
    for token in base.tokenizer(word, add_special_tokens=False)["input_ids"]:
        with torch.no_grad():
            scores = model(input_ids=torch.tensor([ids])).logits[0, -1].log_softmax(dim=0)
        found.append(float(scores[token]))
        ids.append(token)
    return float(np.mean(found) if mean else np.sum(found))


@pytest.mark.parametrize("average", ["mean", "sum"])
@pytest.mark.parametrize("words", [WORDS, {"negative": "bad", "positive": "good"}])
def test_scores_are_those_of_the_causal_model(folder: Path, base: Base, average: str, words: dict[str, str]) -> None:
    got = logits_of(
        base, template="the {text} film is", label_words=words, average=average, calibration="none", dtype="float32"
    )
    for row, text in zip(got, TEXTS, strict=True):
        meant = [
            by_hand(folder, base, text, words[name], before="the ", after=" film is", mean=average == "mean")
            for name in NAMES
        ]
        np.testing.assert_allclose(row, np.array(meant) - np.logaddexp(*meant), atol=1e-4)


def test_calibration_divides_by_what_texts_without_content_get(folder: Path, base: Base) -> None:
    options = {"template": "the {text} film is", "label_words": WORDS}
    plain, calibrated = (logits_of(base, **options, calibration=one) for one in ("none", "content_free"))
    chances = []
    for text in CONTENT_FREE:
        scores = [by_hand(folder, base, text, WORDS[n], before="the ", after=" film is", mean=True) for n in NAMES]
        chances.append(np.exp(np.array(scores) - np.logaddexp(*scores)))
    meant = plain - np.log(np.mean(chances, axis=0))
    np.testing.assert_allclose(calibrated, meant - np.logaddexp.reduce(meant, axis=1, keepdims=True), atol=1e-4)


def test_a_run_trains_nothing_and_comes_back(bench: Bench, folder: Path) -> None:
    run = bench.run("zero_shot", dtype="float32", template="{text} is", label_words=WORDS)
    located = locate_model(str(folder), workspace=bench.workspace)
    trainee = prepare(run.model_copy(update={"located_model": located}), bench.splits)
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    logits = trainee.predict("test")
    trainee.save(bench.folder("a").model)
    assert trainee.cost.params_trainable == 0
    assert trainee.training.epochs == 0
    again = load_trained(bench.folder("a").model)(bench.splits.test["text"].tolist())
    np.testing.assert_array_equal(again, logits)


def test_what_cannot_be_scored_is_refused(base: Base, tiny_bert: Path, tmp_path: Path) -> None:
    config = ZeroShot.Config()
    for model, says in (
        (tiny_bert, "scored by a causal model, and BertModel is none"),
        (save_tiny(tmp_path, "llama", tie_word_embeddings=False), "more than its token embeddings"),
    ):
        error = refusal("zero_shot", config, locate_model(str(model), workspace=Workspace(tmp_path)))
        assert error is not None
        assert says in str(error)
        assert "smollm2" in str(error)
    with pytest.raises(UnknownName, match=r"label_words: unknown class 'postive'.*mean 'positive'"):
        ZeroShot().check_classes(NAMES, ZeroShot.Config(label_words={"postive": "good"}))
    with pytest.raises(BadValue, match="'negative' has none"):
        ZeroShot().check_classes(NAMES, ZeroShot.Config(label_words={"positive": "good"}))
    for template in ("no gap", "{text} and {text}.", "ends with {text}"):
        with pytest.raises(ValueError, match="once"):
            ZeroShot.Config(template=template)

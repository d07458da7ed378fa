"""Heads on frozen text vectors: right values, choices on validation, and the way through a run."""

import numpy as np
import pytest
from pydantic import ValidationError
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from bakeoff.methods.frozen import Views
from bakeoff.methods.registry import method
from bakeoff.methods.regression import PENALTIES, best_regression, gradient_norm, regressions
from bakeoff.training.artifacts import load_trained
from bakeoff.training.run import prepare
from bench import Bench, accuracy

RNG = np.random.default_rng(7)


def drawn(n: int, *, classes: int = 3, width: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Draw vectors whose class shifts some of their numbers, one of them far larger than the others."""
    labels = RNG.integers(classes, size=n)
    vectors = RNG.normal(size=(n, width)) + 0.9 * (labels[:, None] == np.arange(width) % classes)
    return (vectors * [1, 1, 1, 1, 1, 50] + 3).astype(np.float32), labels


def views_of(n: int = 120, **more: int) -> Views:
    (train, y), (validation, gold) = drawn(n, **more), drawn(80, **more)
    noise = {"train": RNG.normal(size=train.shape), "validation": RNG.normal(size=validation.shape)}
    return Views(
        train={"cls": noise["train"].astype(np.float32), "mean": train},
        validation={"cls": noise["validation"].astype(np.float32), "mean": validation},
        train_labels=y,
        validation_labels=gold,
        n_classes=more.get("classes", 3),
        judge=lambda logits: float((logits.argmax(axis=1) == gold).mean()),
    )


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("balanced", [False, True])
def test_the_regression_is_that_of_scikit_learn_on_scaled_vectors(classes: int, balanced: bool) -> None:
    vectors, labels = drawn(150, classes=classes)
    scaler = StandardScaler().fit(vectors.astype(np.float64))
    weights = "balanced" if balanced else None
    for found in regressions(
        vectors, labels, [1e-3, 0.1, 10], n_classes=classes, max_iterations=2000, balanced=balanced
    ):
        own = LogisticRegression(C=found.inverse_penalty, tol=1e-9, max_iter=9999, class_weight=weights)
        own.fit(scaler.transform(vectors.astype(np.float64)), labels)
        logits = found.logits(vectors).astype(np.float64)
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        expected = own.predict_proba(scaler.transform(vectors.astype(np.float64)))
        np.testing.assert_allclose(chances / chances.sum(axis=1, keepdims=True), expected, atol=2e-4)
        assert found.converged
        assert 0 < found.iterations < 2000


def test_the_gradient_vanishes_at_the_solution() -> None:
    """The objective is convex: this alone makes it the optimum, whatever started it."""
    vectors, labels = drawn(200)
    (found,) = regressions(vectors, labels, [0.05], n_classes=3, max_iterations=2000)
    table = vectors.astype(np.float64)
    scale, centre = table.std(axis=0), table.mean(axis=0)
    logits = found.logits(vectors).astype(np.float64)
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    errors = chances / chances.sum(axis=1, keepdims=True) - np.eye(3)[labels]
    gradient = errors.T @ ((table - centre) / scale) / len(table) + found.weights * scale / (0.05 * len(table))
    assert np.abs(gradient).max() < 1e-5
    assert np.abs(errors.mean(axis=0)).max() < 1e-5


def test_pooling_and_penalty_are_the_best_on_validation() -> None:
    views = views_of()
    chosen = best_regression(views, inverse_penalty=None, max_iterations=2000)
    assert chosen.pooling == "mean"
    assert chosen.fitted.inverse_penalty in PENALTIES
    best = views.judge(chosen.fitted.logits(views.validation["mean"]))
    every = regressions(views.train["mean"], views.train_labels, PENALTIES[:10], n_classes=3, max_iterations=2000)
    assert best == max(views.judge(one.logits(views.validation["mean"])) for one in every)


def test_a_penalty_at_an_end_of_the_grid_is_told() -> None:
    views = views_of()
    never = Views(**{**vars(views), "judge": lambda logits: -float(np.abs(logits).max())})
    chosen = best_regression(never, inverse_penalty=None, max_iterations=2000)
    assert chosen.fitted.inverse_penalty == PENALTIES[0]
    assert chosen.edge == (PENALTIES[0], PENALTIES[-1])
    assert best_regression(views, inverse_penalty=0.1, max_iterations=2000).edge is None


def test_too_few_steps_are_no_convergence() -> None:
    vectors, labels = drawn(100)
    (found,) = regressions(vectors, labels, [10.0], n_classes=3, max_iterations=2)
    assert not found.converged


def test_classes_without_a_text() -> None:
    vectors, labels = drawn(60, classes=2)
    for given, expected in ((labels, {0, 1}), (np.zeros_like(labels), {0})):
        (found,) = regressions(vectors, given, [0.1], n_classes=4, max_iterations=500)
        assert found.weights.shape == (4, 6)
        assert {*found.logits(vectors).argmax(axis=1).tolist()} <= expected


def test_settings_of_the_loop_are_those_of_its_solver() -> None:
    config = method("linear_probe").Config
    exact, loop = config(epochs=9, batch_size=4), config(solver="adamw", epochs=9)
    assert exact == config()
    assert (exact.epochs, exact.batch_size, exact.head_dropout) == (None, None, None)
    assert (loop.epochs, loop.batch_size, loop.learning_rate, loop.head_dropout) == (9, 32, 1e-3, 0.1)
    assert config(**loop.model_dump()) == loop
    assert config(**exact.model_dump()) == exact
    with pytest.raises(ValidationError):
        config(solver="newton")
    with pytest.raises(ValidationError):
        config(solver="adamw", epochs=0)


def test_the_solver_decides_whether_seeds_differ(bench: Bench) -> None:
    found = method("linear_probe")
    assert not found.varies(found.Config())
    assert found.varies(found.Config(solver="adamw"))
    assert found.chooses(found.Config())
    assert not found.chooses(found.Config(solver="adamw"))


@pytest.mark.parametrize("model", ["bert", "mamba"])
def test_a_probe_is_solved_and_comes_back(bench: Bench, model: str) -> None:
    trainee = prepare(bench.run("linear_probe", solver="lbfgs", model=model), bench.splits)
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    logits, told = trainee.predict("test"), trainee.training
    trainee.predict("validation")
    assert told.pooling in ({"last", "mean"} if model == "mamba" else {"pooler", "cls", "mean"})
    assert told.settled.keys() == {"pooling", "inverse_penalty"}
    assert (told.epochs, told.steps, told.converged) == (None, None, True)
    assert told.tokens_real == sum(trainee.encoded["train"].lengths)
    assert trainee.cost.params_trainable == 2 * (trainee.base.encoder.config.hidden_size + 1)
    seconds = trainee.meter.seconds
    assert trainee.cost.train_s == pytest.approx(seconds["train vectors"] + seconds["train"])
    trainee.save(bench.folder("a").model)
    again = load_trained(bench.folder("a").model)(bench.splits.test["text"].tolist())
    np.testing.assert_array_equal(again, logits)


def test_a_probe_is_the_same_with_every_seed(bench: Bench) -> None:
    found = []
    for seed in (1, 2):
        trainee = prepare(bench.run("linear_probe", solver="lbfgs", seed=seed), bench.splits)
        trainee.fit(bench.folder(str(seed)), accuracy, show_bar=False)
        found.append((trainee.predict("test").tobytes(), trainee.training))
    assert found[0] == found[1]


def test_a_probe_is_the_regression_on_the_vectors_of_the_base(bench: Bench) -> None:
    """Held against scikit-learn on states that the plain encoder makes, text by text."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    run = bench.run("linear_probe", solver="lbfgs", pooling="mean", inverse_penalty=0.5)
    trainee = prepare(run, bench.splits)
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    encoder = AutoModel.from_pretrained(bench.models["bert"]).eval()
    tokenizer = AutoTokenizer.from_pretrained(bench.models["bert"])

    def vectors(split: str) -> np.ndarray:
        with torch.no_grad():
            states = [
                encoder(**tokenizer(text, return_tensors="pt", truncation=True, max_length=32)).last_hidden_state
                for text in bench.splits[split]["text"]
            ]
        return np.stack([one[0].mean(dim=0).numpy() for one in states]).astype(np.float64)

    scaler = StandardScaler().fit(vectors("train"))
    own = LogisticRegression(C=0.5, tol=1e-9, max_iter=9999)
    own.fit(scaler.transform(vectors("train")), bench.splits.train["label"])
    logits = trainee.predict("test").astype(np.float64)
    margin = own.decision_function(scaler.transform(vectors("test")))
    np.testing.assert_allclose(logits[:, 1] - logits[:, 0], margin, atol=2e-3)


def test_the_metric_of_the_experiment_chooses(bench: Bench) -> None:
    run = bench.run("linear_probe", solver="lbfgs").model_copy(update={"metric": "log_loss"})
    trainee = prepare(run, bench.splits)
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    assert trainee.training.converged
    assert np.isfinite(trainee.predict("test")).all()


def test_a_loop_that_ends_early_says_so(bench: Bench) -> None:
    trainee = prepare(bench.run("linear_probe", epochs=1, learning_rate=1e-5), bench.splits)
    trainee.fit(bench.folder("short"), accuracy, show_bar=False)
    assert trainee.training.converged is False
    full = prepare(bench.run("full", epochs=1), bench.splits)
    full.fit(bench.folder("full"), accuracy, show_bar=False)
    assert full.training.converged is None


def test_the_gradient_tells_the_optimum_from_the_way_there() -> None:
    vectors, labels = drawn(200)
    (found,) = regressions(vectors, labels, [1e6], n_classes=3, max_iterations=5000)
    start = gradient_norm(0 * found.weights, 0 * found.bias, vectors, labels)
    assert gradient_norm(found.weights, found.bias, vectors, labels) < 1e-3 * start
    assert gradient_norm(found.weights / 2, found.bias, vectors, labels) > 0.1 * start

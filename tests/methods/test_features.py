"""Heads on frozen text vectors: right values, choices on validation, and the way through a run."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from bakeoff.methods.frozen import Views
from bakeoff.methods.heads import frequency_weights, reduced
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
    best = views.loss(chosen.fitted.logits(views.validation["mean"]))
    every = regressions(views.train["mean"], views.train_labels, PENALTIES, n_classes=3, max_iterations=2000)
    assert best == min(views.loss(one.logits(views.validation["mean"])) for one in every)


def test_a_penalty_at_an_end_of_the_grid_is_told() -> None:
    views = views_of()
    elsewhere = Views(**{**vars(views), "validation_labels": (views.validation_labels + 1) % 3})
    chosen = best_regression(elsewhere, inverse_penalty=None, max_iterations=2000)
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


@pytest.mark.parametrize("k", [1, 4, 15])
def test_neighbours_are_those_of_scikit_learn(k: int) -> None:
    views = views_of()
    config = method("embeddings_knn").Config(k=k, pooling="mean", smoothing=0.5)
    learnt = method("embeddings_knn")().learn(
        Views(**{**vars(views), "train": {"mean": views.train["mean"]}}), config, seed=1
    )
    head = method("embeddings_knn")().head({n: torch.from_numpy(one) for n, one in learnt.tensors.items()}, config)
    own = KNeighborsClassifier(k, metric="cosine", algorithm="brute").fit(views.train["mean"], views.train_labels)
    shares = own.predict_proba(views.validation["mean"])
    chances = np.exp(head(torch.from_numpy(views.validation["mean"])).numpy())
    np.testing.assert_allclose(chances, (shares * k + 0.5) / (k + 1.5), atol=1e-5)


def test_neighbours_choose_vectors_and_k_on_validation() -> None:
    views = views_of()
    found = method("embeddings_knn")
    learnt = found().learn(views, found.Config(), seed=1)
    assert learnt.pooling == learnt.settled["pooling"] == "mean"
    scores = {}
    for k in (1, 3, 5, 9, 15, 25, 41, 65):
        own = KNeighborsClassifier(k, metric="cosine", algorithm="brute").fit(views.train["mean"], views.train_labels)
        scores[k] = float((own.predict_proba(views.validation["mean"]).argmax(1) == views.validation_labels).mean())
    assert scores[learnt.settled["k"]] == max(scores.values())


def test_more_neighbours_than_texts() -> None:
    views = views_of(6)
    found = method("embeddings_knn")
    learnt = found().learn(views, found.Config(k=50), seed=1)
    assert learnt.tensors["votes"].tolist() == [6, 3]


def mlp(views: Views, **options) -> tuple:
    found = method("mlp_head")
    config = found.Config(**options)
    learnt = found().learn(views, config, seed=1)
    head = found().head({name: torch.from_numpy(one) for name, one in learnt.tensors.items()}, config).eval()
    with torch.no_grad():
        return learnt, head(torch.from_numpy(views.validation[learnt.pooling])).numpy()


def test_a_head_without_hidden_layers_comes_to_the_regression() -> None:
    """The same convex problem, without a penalty: stopped on validation, it loses no more than the regression."""
    views = views_of(300)
    _, logits = mlp(views, depth=0, head_dropout=0, weight_decay=0, learning_rate=1e-2, patience=20, pooling="mean")
    by_loss = Views(**{**vars(views), "judge": lambda logits: -views.loss(logits)})
    exact = best_regression(by_loss, inverse_penalty=None, max_iterations=2000)
    assert views.loss(logits) == pytest.approx(views.loss(exact.fitted.logits(views.validation["mean"])), abs=0.03)


def test_hidden_layers_learn_what_a_linear_head_cannot() -> None:
    (train, validation), corners = RNG.normal(size=(2, 300, 2)), np.sign
    gold = lambda x: (corners(x).prod(axis=1) > 0).astype(int)  # noqa: E731 - opposite corners share a class
    views = Views(
        train={"mean": train.astype(np.float32)},
        validation={"mean": validation.astype(np.float32)},
        train_labels=gold(train),
        validation_labels=gold(validation),
        n_classes=2,
        judge=lambda logits: float((logits.argmax(axis=1) == gold(validation)).mean()),
    )
    learnt, logits = mlp(views, width=32, learning_rate=1e-2)
    assert learnt.converged
    assert views.judge(logits) > 0.9
    assert views.judge(mlp(views, depth=0)[1]) < 0.7
    assert mlp(views, max_epochs=2)[0].converged is False


def test_the_parts_of_a_head_can_be_left_out() -> None:
    views = views_of(60)
    kinds = {
        "full": {},
        "flat": {"depth": 0},
        "deep": {"depth": 3, "activation": "tanh"},
        "bare": {"normalization": "none", "head_dropout": 0, "activation": "relu"},
    }
    names = {name: len(mlp(views, max_epochs=1, width=8, **options)[0].tensors) for name, options in kinds.items()}
    assert names == {"full": 8, "flat": 4, "deep": 16, "bare": 6}


@pytest.mark.parametrize(
    ("kind", "options"),
    [("embeddings_knn", {}), ("mlp_head", {"width": 16, "max_epochs": 3, "depth": 2}), ("static", {"dimensions": 8})],
)
@pytest.mark.parametrize("model", ["bert", "mamba"])
def test_a_head_is_learnt_saved_and_comes_back(bench: Bench, kind: str, options: dict, model: str) -> None:
    found = []
    for name in ("a", "b"):
        trainee = prepare(bench.run(kind, model=model, **options), bench.splits)
        trainee.fit(bench.folder(name), accuracy, show_bar=False)
        found.append((trainee.predict("test").tobytes(), trainee.trace))
    assert found[0] == found[1]
    cost = trainee.cost
    assert (cost.params_trainable == 0) == (kind == "embeddings_knn")
    assert cost.params_trainable <= cost.params_total
    trainee.save(bench.folder("a").model)
    assert cost.train_s
    again = load_trained(bench.folder("a").model)(bench.splits.test["text"].tolist())
    assert again.tobytes() == found[0][0]


def test_components_are_those_of_scikit_learn() -> None:
    states = RNG.normal(size=(200, 6)) * [5, 3, 2, 1, 0.5, 0.1]
    own = PCA(3, svd_solver="full").fit_transform(states)
    found = reduced(torch.from_numpy(states).float(), 3).numpy()
    np.testing.assert_allclose(np.abs(found), np.abs(own), atol=1e-4)
    assert reduced(torch.from_numpy(states), 99).shape == (200, 6)


def test_frequent_tokens_weigh_little() -> None:
    weights = frequency_weights(30_000).numpy()
    assert (np.diff(weights) > 0).all()
    rank = 9
    share = (1 / (rank + 2)) / (1 / np.arange(2, 30_002)).sum()
    assert weights[rank] == pytest.approx(1e-4 / (1e-4 + share))


def test_a_static_vector_is_the_mean_of_its_tokens(bench: Bench) -> None:
    trainee = prepare(bench.run("static", dimensions=8), bench.splits)
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    tokenizer, table = trainee.base.tokenizer, trainee.model.table.numpy()
    ids = tokenizer(bench.splits.train["text"].iloc[0], add_special_tokens=False)["input_ids"]
    mean = table[ids].mean(axis=0)
    np.testing.assert_allclose(trainee.vectors["train"].values[0].numpy(), mean / np.linalg.norm(mean), atol=1e-5)
    assert not table[[tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id]].any()
    assert trainee.training.settled.keys() == {"pooling", "inverse_penalty"}
    with torch.no_grad():
        alone = trainee.base.encoder(torch.tensor([[tokenizer.cls_token_id, ids[0], tokenizer.sep_token_id]]))
    whole = torch.cat([trainee.model._alone(torch.tensor([one])) for one in range(len(table))])
    np.testing.assert_allclose(whole[ids[0]], alone.last_hidden_state[0].mean(dim=0), atol=1e-5)

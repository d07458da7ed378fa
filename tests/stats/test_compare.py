"""Verdicts on hand-made predictions whose answer is known, and on what does not fit together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from bakeoff.metrics.classification import METRICS
from bakeoff.metrics.items import item_scores
from bakeoff.stats.compare import Verdict, compare
from bakeoff.stats.inputs import Contender

N = 2000
SEEDS = (41, 42, 43)
GOLD = np.random.default_rng(0).integers(0, 2, N)
EASE = np.random.default_rng(1).random(N)


def contender(name, accuracy, *, seeds=SEEDS, jitter=0.02, gold=GOLD, **settings):
    """Predictions right where an item's ease, the same for all, lies below `accuracy`, with a little luck."""
    rng = np.random.default_rng(sum(map(ord, name)))
    ease = EASE[: len(gold)] + jitter * rng.normal(size=(len(seeds), len(gold)))
    predicted = np.where(ease < accuracy, gold, 1 - gold)
    given = {"item_ids": np.arange(len(gold)), "gold": gold, "predicted": predicted, **settings}
    return Contender(name=name, seeds=tuple(seeds), **given)


def judge(*contenders, reference="full", metric="accuracy", margin=0.01, resamples=0):
    return compare(
        contenders, metric=metric, reference=reference, alpha=0.05, margin=margin, resamples=resamples,
    )  # fmt: skip


def test_known_verdicts():
    methods = {"full": 0.85, "lora": 0.85, "prefix": 0.78, "p2": 0.844}
    seeds = (41, 42, 43, 44, 45)
    found = judge(*(contender(name, accuracy, jitter=0.005, seeds=seeds) for name, accuracy in methods.items()))
    verdicts = {pair.first: pair.verdict for pair in found.against_reference}
    assert verdicts == {
        "lora": Verdict.EQUIVALENT, "prefix": Verdict.BETTER, "p2": Verdict.BETTER_NEGLIGIBLE
    }  # fmt: skip
    assert {pair.better for pair in found.against_reference} == {None, "full"}
    assert found.pair("prefix", "full").first == "full"


def test_noisy_equals_are_not_settled_and_say_what_would_settle_them():
    rng = np.random.default_rng(3)
    noisy = [contender(f"m{k}", 0.85, predicted=(rng.random((3, N)) < 0.85).astype(int)) for k in range(2)]
    (pair,) = judge(*noisy, reference="m0").against_reference
    assert pair.verdict is Verdict.NOT_SETTLED
    assert pair.better is None
    assert pair.needed.items > N


def test_methods_keep_their_order_and_ranks_follow_the_verdicts():
    found = judge(contender("prefix", 0.78), contender("full", 0.85), contender("lora", 0.85))
    assert [one.name for one in found.methods] == ["prefix", "full", "lora"]
    ranks = {one.name: (one.best_rank, one.worst_rank) for one in found.methods}
    assert ranks == {"prefix": (3, 3), "full": (1, 2), "lora": (1, 2)}
    prefix = found.method("prefix")
    assert prefix.minimum <= prefix.mean <= prefix.maximum
    assert prefix.by_seed == pytest.approx((0.78, 0.78, 0.78), abs=0.03)
    assert prefix.seed_sd < 0.01 < prefix.item_se * 2


def test_families_are_corrected_apart():
    found = judge(*(contender(f"m{k}", 0.8 + 0.01 * k, jitter=0.2) for k in range(4)), reference="m0")
    assert len(found.pairs) == 6
    for name, family in (("reference", found.against_reference), ("all pairs", found.pairs)):
        assert len(family) == found.corrected_for(name)
        expected = multipletests([pair.difference.p for pair in family], method="holm")[1]
        for pair, p in zip(family, expected, strict=True):
            assert pair.p_holm == pytest.approx(p) or pair.family != name
            assert pair.family == ("reference" if "m0" in (pair.first, pair.second) else "all pairs")


@pytest.mark.parametrize("reference", ["m0", "b1", "nobody"])
def test_baselines_are_a_family_of_their_own_with_every_other_method(reference):
    """Corrected for all pairs of a baseline and what is none, those with the reference counted in."""
    made = [contender(f"m{k}", 0.8 + 0.01 * k, jitter=0.2) for k in range(4)]
    made += [contender(f"b{k}", 0.78 + 0.01 * k, jitter=0.2, baseline=True) for k in range(2)]
    found = judge(*made, reference=reference)
    beside = [pair for pair in found.pairs if (pair.first[0] == "b") != (pair.second[0] == "b")]
    assert len(beside) == found.corrected_for("baselines") == 8
    expected = multipletests([pair.difference.p for pair in beside], method="holm")[1]
    own = [(pair, p) for pair, p in zip(beside, expected, strict=True) if reference not in (pair.first, pair.second)]
    for pair, p in own:
        assert (pair.family, pair.comparisons) == ("baselines", 8)
        assert pair.p_holm == pytest.approx(p)
    assert {id(pair) for pair, _ in own} == {id(pair) for pair in found.pairs if pair.family == "baselines"}
    assert found.corrected_for("all pairs") == 15
    assert {one.name for one in found.methods if one.baseline} == {"b0", "b1"}


def test_methods_that_left_the_file_count_among_baselines_too_as_many_as_they_could_be():
    made = [contender(f"m{k}", 0.8, jitter=0.2) for k in range(3)] + [contender("b", 0.7, baseline=True)]
    one, two = (
        compare(made, metric="accuracy", reference="m0", alpha=0.05, margin=0.01, dropped=gone, resamples=0)
        for gone in (1, 2)
    )
    assert one.corrected_for("baselines") == 3 + 3  # a second baseline
    assert two.corrected_for("baselines") == 3 + 3 * 2 + 1  # a third one, or a method that both are held against


def test_a_pair_has_one_verdict_wherever_it_is_read():
    found = judge(*(contender(f"m{k}", 0.8 + 0.01 * k, jitter=0.2) for k in range(4)), reference="m1")
    for pair in found.against_reference:
        same = found.pair(pair.first, pair.second)
        assert pair in (same, same.flipped())


def test_the_reference_family_faces_the_reference():
    found = judge(contender("full", 0.85), contender("worse", 0.8), contender("better", 0.9))
    estimates = {pair.first: pair.difference.estimate for pair in found.against_reference}
    assert estimates["worse"] < 0 < estimates["better"]
    worse = next(pair for pair in found.against_reference if pair.first == "worse")
    assert worse.difference.low < worse.difference.estimate < worse.difference.high < 0
    assert all(pair.difference.estimate >= 0 for pair in found.pairs)


def test_identical_predictions_are_equivalent_only_where_items_are_many():
    one = contender("full", 0.85)
    same = contender("same", 0.85, predicted=one.predicted)
    (pair,) = judge(one, same).against_reference
    assert (pair.verdict, pair.p_holm) == (Verdict.EQUIVALENT, 1)
    few = [contender(n, 0.85, gold=GOLD[:40]) for n in ("full", "same")]
    few[1] = contender("same", 0.85, gold=GOLD[:40], predicted=few[0].predicted)
    assert judge(*few).against_reference[0].verdict is Verdict.NOT_SETTLED


def test_all_right_everywhere():
    found = judge(*(contender(name, 9.0) for name in ("full", "lora")))
    assert found.against_reference[0].verdict is Verdict.EQUIVALENT
    assert found.method("full").item_se > 0


def test_one_seed_speaks_of_models_only():
    found = judge(contender("full", 0.85, seeds=(41,)), contender("bad", 0.6, seeds=(41,)))
    (pair,) = found.against_reference
    assert (pair.scope, pair.difference.procedure, pair.verdict) == ("models", "sign test", Verdict.BETTER)
    assert found.method("full").seed_sd is None


def test_two_seeds_too():
    (pair,) = judge(contender("full", 0.85, seeds=(1, 2)), contender("bad", 0.6, seeds=(1, 2))).against_reference
    assert (pair.scope, pair.difference.seeds) == ("models", 2)
    assert (pair.difference.procedure, pair.difference.seed_variance) == ("sign test", None)


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_two_seeds_say_of_item_means_what_one_model_would(metric):
    """The middle case: no noise between seeds in the interval, and no more claimed than for one seed."""
    rows = contender("full", 0.85, seeds=(1, 2)).predicted, contender("bad", 0.82, seeds=(1, 2)).predicted
    two = [contender(name, 0, seeds=(1, 2), predicted=row) for name, row in zip(("full", "bad"), rows, strict=True)]
    (pair,) = judge(*two, metric=metric).against_reference
    scores = [item_scores(METRICS[metric], gold=GOLD, given=row).mean(axis=0) for row in reversed(rows)]
    expected = stats.ttest_rel(*scores).confidence_interval(0.95)
    assert (pair.difference.low, pair.difference.high) == pytest.approx((expected.low, expected.high))
    assert pair.scope == "models"


def test_an_unstable_method_pays_for_its_own_pairs_and_the_stable_ones_do_not():
    stable = [contender(f"m{k}", 0.85) for k in range(4)]
    rows = np.stack([contender(f"row{s}", share).predicted[0] for s, share in enumerate((0.75, 0.80, 0.85))])
    found = judge(*stable, contender("wild", 0, predicted=rows), reference="m0")
    wild, calm = found.pair("wild", "m1").difference, found.pair("m2", "m1").difference
    assert wild.uncertainty.se > calm.uncertainty.se
    assert wild.uncertainty.parts[0].variance > 2 * calm.uncertainty.parts[0].variance
    assert wild.uncertainty.parts[0].df == calm.uncertainty.parts[0].df == 2


COMPANY = (
    "lora", "noisy", "one seed", "other seeds", "other texts", "majority", "twin of full", "untrained",
)  # fmt: skip


def company(name, rng):
    """Methods of every kind that may stand beside a pair."""
    kinds = {
        "noisy": {"jitter": 0.5}, "one seed": {"seeds": (42,)}, "other seeds": {"seeds": (42, 43, 44)},
        "other texts": {"item_ids": np.arange(N) + 7}, "untrained": {"trained": False},
        "majority": {"predicted": np.zeros((1, N), dtype=int), "seeds": (41,), "deterministic": True},
        "twin of full": {"predicted": contender("full", 0.85).predicted},
    }  # fmt: skip
    return contender(name, rng.uniform(0.5, 0.95), **kinds.get(name, {}))


@settings(max_examples=25)
@given(
    st.permutations(COMPANY), st.integers(0, len(COMPANY)), st.integers(0, 9), st.sampled_from(["accuracy", "macro_f1"])
)  # fmt: skip
def test_no_pair_depends_on_its_company(order, number, place, metric):
    """Adding, removing, permuting other methods leaves a pair's interval, p and cross-check the same, bit for bit."""
    rng = np.random.default_rng(place)
    pair = contender("full", 0.85), contender("prefix", 0.84)
    alone = judge(*pair, metric=metric, resamples=20).pair("full", "prefix")
    others = [company(name, rng) for name in order[:number]]
    among = judge(*others[:place], *pair[::-1], *others[place:], metric=metric, resamples=20).pair("full", "prefix")
    assert among.difference == alone.difference
    assert (among.bootstrap, among.agrees, among.seeds, among.scope) == (
        alone.bootstrap, alone.agrees, alone.seeds, alone.scope
    )  # fmt: skip
    assert among.p_holm >= alone.p_holm


def test_deterministic_baselines_hold_for_every_seed():
    majority = contender("majority", 0.5, seeds=(41,), jitter=0, deterministic=True)
    tfidf = contender("tfidf", 0.75, seeds=(41,), jitter=0, deterministic=True)
    both = [contender("full", 0.85), contender("lora", 0.85)]
    found = judge(*both, majority, tfidf)
    pair = found.pair("full", "tfidf")
    assert (pair.scope, pair.seeds, pair.verdict) == ("methods", SEEDS, Verdict.BETTER)
    fixed = found.pair("tfidf", "majority")
    assert (fixed.scope, fixed.seeds, fixed.difference.procedure) == ("methods", (), "sign test")
    assert found.method("tfidf").seed_sd is None
    assert judge(*both).pair("full", "lora").difference == found.pair("full", "lora").difference


def test_a_method_that_is_not_as_deterministic_as_it_says_is_treated_as_it_is():
    found = judge(contender("full", 0.85), contender("odd", 0.8, deterministic=True))
    assert not found.method("odd").fixed
    assert found.method("odd").seed_sd is not None


def test_missing_seeds_shorten_only_the_pairs_they_touch():
    found = judge(contender("full", 0.85), contender("lora", 0.85), contender("crashed", 0.6, seeds=(43, 41)))
    assert found.pair("full", "lora").seeds == SEEDS
    assert found.pair("full", "crashed").seeds == (41, 43)
    assert found.pair("full", "crashed").scope == "models"
    full = contender("full", 0.85).predicted
    crashed = contender("crashed", 0.6, seeds=(43, 41))
    alone = judge(contender("full", 0.85, seeds=(41, 43), predicted=full[[0, 2]]), crashed)
    assert found.pair("full", "crashed").difference == alone.pair("full", "crashed").difference


def test_a_pair_knows_that_it_rests_on_fewer_seeds_than_declared():
    full, lora = contender("full", 0.85, declared=3), contender("lora", 0.85, declared=3)
    fixed = contender("tfidf", 0.8, seeds=(41,), deterministic=True, declared=1)
    found = judge(full, lora, fixed, contender("crashed", 0.6, seeds=(43, 41), declared=3))
    short = {frozenset((pair.first, pair.second)) for pair in found.pairs if pair.short}
    assert short == {frozenset((name, "crashed")) for name in ("full", "lora", "tfidf")}


def test_items_may_come_in_any_order():
    order = np.random.default_rng(9).permutation(N)
    lora = contender("lora", 0.83)
    turned = contender("lora", 0, item_ids=order, gold=GOLD, predicted=lora.predicted)
    shuffled = Contender("lora", SEEDS, order, GOLD[order], lora.predicted[:, order])
    full = contender("full", 0.85)
    assert judge(full, lora).pairs[0].difference == judge(full, shuffled).pairs[0].difference
    assert judge(full, turned).pairs[0].reason == "labels"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"comparability": "other data"}, "settings"),
        ({"item_ids": np.arange(N) + 1}, "items"),
        ({"gold": 1 - GOLD}, "labels"),
        ({"seeds": (7, 8, 9)}, "seeds"),
        ({"groups": np.arange(N) // 4}, "settings"),
    ],
)
def test_what_differs_is_not_compared(changes, reason):
    found = judge(contender("full", 0.85), contender("lora", 0.85), contender("odd", 0.85, **changes), resamples=20)
    pair = found.pair("full", "odd")
    assert (pair.verdict, pair.reason, pair.difference, pair.better) == (Verdict.NOT_COMPARABLE, reason, None, None)
    assert [p.verdict is Verdict.NOT_COMPARABLE for p in found.against_reference] == [False, True]
    assert found.pair("full", "lora").p_holm == found.pair("full", "lora").difference.p
    if reason != "seeds":
        assert found.method("odd").best_rank is None


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_the_cross_check_agrees_on_clear_cases(metric):
    found = judge(contender("full", 0.85), contender("lora", 0.85), contender("bad", 0.7), metric=metric, resamples=300)
    for pair in found.pairs:
        assert pair.agrees
        assert pair.bootstrap[0] < pair.difference.estimate < pair.bootstrap[1]
    flipped = next(pair for pair in found.against_reference if pair.first == "bad")
    assert flipped.bootstrap[1] < 0


def test_same_generator_same_result():
    methods = [contender("full", 0.85), contender("lora", 0.84)]
    assert judge(*methods, resamples=50) == judge(*methods, resamples=50)


def test_without_reference_there_is_no_family_against_it():
    found = judge(contender("lora", 0.85), contender("prefix", 0.8))
    assert (found.reference, found.against_reference) == (None, ())
    assert len(found.pairs) == 1


def test_one_method_and_none():
    found = judge(contender("full", 0.85))
    assert (found.pairs, found.against_reference, found.methods[0].best_rank) == ((), (), None)
    assert judge().methods == ()


def test_one_trained_method_has_its_own_seed_noise_only():
    fixed = contender("tfidf", 0.75, seeds=(1,), jitter=0, deterministic=True)
    (pair,) = judge(contender("full", 0.85), fixed).pairs
    assert pair.difference.procedure == "two-way"


@pytest.mark.parametrize("seeds", [SEEDS, (1,)])
@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_a_gap_in_a_few_groups_is_no_gap_between_methods(seeds, metric):
    """A hundred items of one film all differ: much for items drawn one by one, and for films nothing."""
    films = np.repeat(np.arange(20), N // 20)
    base = contender("full", 0.85, seeds=seeds)
    predicted = np.where(films == 3, 1 - base.predicted, base.predicted)

    def pair(groups, *, shuffled=False):
        order = np.random.default_rng(2).permutation(N) if shuffled else np.arange(N)
        full, odd = (
            Contender(name, seeds, order, GOLD[order], one[:, order], groups=None if groups is None else groups[order])
            for name, one in (("full", base.predicted), ("odd", predicted))
        )
        return judge(full, odd, metric=metric, resamples=200)

    assert pair(None).pairs[0].better == "full"
    found = pair(films).pairs[0]
    assert (found.verdict, found.difference.units) == (Verdict.NOT_SETTLED, 20)
    assert found.bootstrap[0] <= 0 <= found.bootstrap[1]
    assert found.agrees
    named = pair(np.array([f"film {n}" for n in films]), shuffled=True).pairs[0]
    assert named.difference.half_width == pytest.approx(found.difference.half_width)
    assert pair(films).method("odd").item_se > 3 * pair(None).method("odd").item_se


def test_identical_predictions_show_less_where_items_resemble_each_other():
    films = np.repeat(np.arange(100), N // 100)
    alike = np.where(films % 7 == 0, 1 - GOLD, GOLD)[None]  # whole films are easy or hard
    mixed = np.where(np.arange(N) % 7 == 0, 1 - GOLD, GOLD)[None]

    def verdict(predicted, groups):
        made = (Contender(name, (1,), np.arange(N), GOLD, predicted, groups=groups) for name in ("full", "same"))
        return judge(*made).pairs[0].verdict

    assert verdict(alike, None) is verdict(mixed, films) is Verdict.EQUIVALENT
    assert verdict(alike, films) is Verdict.NOT_SETTLED


def test_a_summary_knows_what_groups_are_worth():
    groups = np.repeat(np.arange(5), [N - 40, 10, 10, 10, 10])
    found = judge(contender("full", 0.9, groups=groups), contender("lora", 0.8, groups=groups))
    assert [one.groups for one in found.methods] == [pytest.approx(N**2 / ((N - 40) ** 2 + 4 * 10**2))] * 2
    assert not any(one.groups for one in judge(contender("full", 0.9)).methods)


def test_groups_of_one_are_none():
    groups = np.arange(N)[::-1]
    found = judge(contender("full", 0.9, groups=groups), contender("lora", 0.8, groups=groups))
    assert not any(one.groups for one in found.methods)
    assert found.pairs[0].difference == judge(contender("full", 0.9), contender("lora", 0.8)).pairs[0].difference


def test_repeated_names_and_bad_shapes():
    with pytest.raises(ValueError, match="repeat"):
        judge(contender("full", 0.8), contender("full", 0.8))
    with pytest.raises(ValueError, match="shapes"):
        contender("full", 0.8, predicted=np.zeros((3, N - 1), dtype=int))
    with pytest.raises(ValueError, match="distinct"):
        contender("full", 0.8, seeds=(1, 1, 2))
    with pytest.raises(ValueError, match="groups"):
        contender("full", 0.8, groups=np.zeros(N - 1))
    with pytest.raises(ValueError, match="one group"):
        contender("full", 0.8, groups=np.zeros(N))
    with pytest.raises(ValueError, match="two items"):
        contender("full", 0.8, gold=GOLD[:1])


@settings(max_examples=40)
@given(
    st.integers(2, 12), st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**32 - 1),
    st.sampled_from(["accuracy", "macro_f1"]),
)  # fmt: skip
def test_any_small_input_gives_a_whole_comparison(items, seeds, methods, seed, metric):
    rng = np.random.default_rng(seed)
    gold = rng.integers(0, 3, items)
    groups = np.append([0, 1], rng.integers(0, 4, items - 2)) if rng.integers(2) else None
    made = [
        Contender(
            f"m{k}", tuple(range(seeds)), np.arange(items), gold, rng.integers(0, 3, (seeds, items)),
            deterministic=bool(rng.integers(2)), trained=bool(rng.integers(2)), groups=groups,
        )
        for k in range(methods)
    ]  # fmt: skip
    found = judge(*made, reference="m0", metric=metric, resamples=5)
    for pair in (*found.pairs, *found.against_reference):
        assert np.isfinite([pair.difference.low, pair.difference.high, pair.difference.uncertainty.se]).all()
        assert 0 <= pair.difference.p <= pair.p_holm <= 1
        assert 0 <= pair.p_equivalence_holm <= 1
        assert pair.difference.low <= pair.difference.estimate <= pair.difference.high

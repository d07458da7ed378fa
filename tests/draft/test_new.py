"""Experiment files drafted from made-up data: they load, their plan is sane, and they say what was seen."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bakeoff import cli
from bakeoff.draft.calibrate import Timing
from bakeoff.draft.file import Wish
from bakeoff.draft.new import Drafted, new_experiment
from bakeoff.errors import BadValue, InputError, UnknownName
from bakeoff.execution.plan import Plan, plan
from bakeoff.experiment.load import load_experiment
from bakeoff.experiment.model import Experiment
from bakeoff.system.workspace import Workspace
from tiny import make_texts

ENGLISH = "the film was {} and i think that it is {} for you to see on day {} of the year"
RUSSIAN = "этот фильм был {} и мне кажется что он {} для тебя в день {} года"


def rows(n: int, text: str = ENGLISH) -> list[str]:
    words = np.random.default_rng(0).choice(["good", "bad", "dull", "warm"], size=(n, 2))
    return [text.format(*words[row], row) for row in range(n)]


def drafted(root: Path, source: str, *, runs: int = 17, **wish: object) -> tuple[Drafted, Experiment, str]:
    """Draft an experiment without timing it, load it, and check that its plan holds."""
    done = new_experiment(Wish("mine", source, calibration=False, **wish), Workspace(root))
    assert done.file == root / "params" / "mine.yaml"
    found = load_experiment(done.file)
    assert len(plan(found, Workspace(root)).items) == done.runs == runs
    assert list(root.glob("params/.*")) == []
    return done, found, done.file.read_text(encoding="utf-8")


def test_reviews_with_ids_dates_and_a_title(root: Path) -> None:
    lines = ["review_id,date,title,review,sentiment"]
    lines += [
        f"{n},2024-01-{n % 28 + 1:02},day {n},{text},{'good' if n % 2 else 'bad'}" for n, text in enumerate(rows(200))
    ]
    (root / "reviews.csv").write_text("\n".join(lines), encoding="utf-8")
    done, found, text = drafted(root, "reviews.csv")
    assert (found.data.text, found.data.label.column) == ("review", "sentiment")
    assert done.survey.text.sure
    assert done.survey.label.sure
    assert done.sizes == {"train": 140, "validation": 30, "test": 30}
    assert (found.compare.metric, found.data.deduplicate, found.seeds) == ("accuracy", False, (41, 42, 43))
    assert "five say more; how long they take was not measured\n" in text
    assert found.data.split.resample is None, "train has all that are left"
    assert found.data.max_length == 32
    assert found.model == "bundled:minilm-l6"
    assert "knows English only" not in text
    assert rows(200)[0] not in text, "no text of the data is in the file"


def test_imbalance_rare_classes_duplicates_and_gaps(root: Path) -> None:
    texts = rows(403)
    labels = ["fine"] * 320 + ["poor"] * 76 + ["odd: #1"] * 4 + [""] * 3
    texts[1] = texts[0]
    texts[2] = ""
    lines = ["text,label", *(f"{text},{label}" for text, label in zip(texts, labels, strict=True))]
    (root / "skewed.csv").write_text("\n".join(lines), encoding="utf-8")
    done, found, text = drafted(root, "skewed.csv")
    assert found.data.label.mapping == {"fine": "fine", "poor": "poor", "odd: #1": None}
    assert found.data.deduplicate
    assert found.compare.metric == "macro_f1"
    assert found.defaults["class_weights"] == "balanced"
    assert "fine has 4.2 times the texts of poor" in text
    assert (done.survey.no_text, done.survey.no_label, done.survey.texts.duplicates) == (1, 3, 1)
    assert sum(done.sizes.values()) in range(393, 396)


def test_grades_are_cut_in_two_and_films_proposed_as_groups(root: Path) -> None:
    lines = ["movie,stars,comment"]
    lines += [f"film {n // 6},{n % 5 + 1},{text}" for n, text in enumerate(rows(300))]
    (root / "graded.csv").write_text("\n".join(lines), encoding="utf-8")
    _, found, text = drafted(root, "graded.csv")
    assert found.data.label.column == "stars"
    assert found.data.label.bins == (3,)
    assert found.data.label.names == ("below 3", "3 and above")
    assert "bins: [3, 4], names: [low, middle, high]" in text
    assert "add `group: movie` to split" in text


def test_whole_numbers_from_zero_are_codes_of_classes(root: Path) -> None:
    lines = [f'{{"body": "{text}", "label": {n % 3}}}' for n, text in enumerate(rows(150))]
    (root / "codes.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done, found, _ = drafted(root, "codes.jsonl")
    assert found.data.label.bins is None
    assert list(done.survey.classes.counts.values()) == [50, 50, 50]


def test_lines_of_text_and_label_in_another_script(root: Path) -> None:
    lines = [f"{text};{'да' if n % 2 else 'нет'}" for n, text in enumerate(rows(120, RUSSIAN))]
    (root / "отзывы.txt").write_text("\n".join(lines), encoding="utf-8")
    done, found, text = drafted(root, "отзывы.txt")
    assert (found.data.text, found.data.label.column) == ("text", "label")
    assert set(done.survey.classes.counts) == {"да", "нет"}
    assert "most letters of the texts are Cyrillic; bundled:minilm-l6 knows English only" in text


def test_another_language_in_latin_letters_is_noticed(root: Path) -> None:
    german = "der Film war {} und ich glaube er ist {} für dich am Tag {} des Jahres"
    lines = ["text,label", *(f"{text},{n % 2}" for n, text in enumerate(rows(120, german)))]
    (root / "de.csv").write_text("\n".join(lines), encoding="utf-8")
    assert "do not look like English" in drafted(root, "de.csv")[2]


def test_a_folder_with_splits_keeps_them_and_overlap_is_said(root: Path) -> None:
    folder = root / "data"
    folder.mkdir()
    texts = rows(300)
    for split, part in {"train": texts[:200], "val": texts[200:250], "test": [texts[0], *texts[251:]]}.items():
        lines = ["text,label", *(f"{text},{n % 2}" for n, text in enumerate(part))]
        (folder / f"{split}.csv").write_text("\n".join(lines), encoding="utf-8")
    done, found, text = drafted(root, "data")
    assert done.survey.own_splits
    assert done.survey.texts.overlap == {"train/test": 1}
    assert "texts of test that stand in train, too: 1" in text
    assert "`split: {train: 2000}` would draw so many texts from one" in text
    assert "with `resample: train` beside it, each seed would draw its own" in text
    assert found.data.deduplicate
    assert done.sizes == {"train": 199, "validation": 50, "test": 50}


def test_columns_of_lists_and_categories_are_no_trouble(root: Path) -> None:
    frame = pd.DataFrame({"text": rows(120), "label": ["good", "bad"] * 60, "tags": [["a"], ["b", "c"]] * 60})
    frame["embedding"] = list(np.zeros((120, 4)))
    frame["lang"] = pd.Categorical(["en"] * 120)
    frame.to_parquet(root / "rich.parquet")
    _, found, _ = drafted(root, "rich.parquet")
    assert (found.data.text, found.data.label.column) == ("text", "label")
    with pytest.raises(BadValue, match="--label: column 'tags' holds several labels in 60 rows"):
        new_experiment(Wish("mine", "rich.parquet", label="tags", force=True), Workspace(root))


def test_counts_are_of_the_texts_that_are_left(root: Path) -> None:
    texts = rows(11_900)
    lines = ["text,label", *(f"{text},{n % 2}" for n, text in enumerate([*texts, *texts[:200]]))]
    (root / "large.csv").write_text("\n".join(lines), encoding="utf-8")
    done, found, text = drafted(root, "large.csv")
    assert found.data.split.resample is None
    assert "resample" not in text
    assert done.survey.left == 11_900
    assert (done.sizes["train"], found.data.split.train) == (8_330, 0.7)


@pytest.mark.parametrize(("rare", "mapping"), [(11, None), (10, {"a": "a", "b": "b", "rare": None})])
def test_in_a_large_file_a_class_needs_more_texts(root: Path, rare: int, mapping: dict | None) -> None:
    labels = ["rare"] * rare + ["a", "b"] * 10_000
    lines = [f"{text},{label}" for text, label in zip(rows(20_000), labels, strict=False)]
    (root / "large.csv").write_text("\n".join(["text,label", *lines]), encoding="utf-8")
    many = rare == 11  # 20,000 texts with a class: twice as many to draw from as a draw has
    done, found, text = drafted(root, "large.csv", runs=21 if many else 17)
    assert found.data.label.mapping == mapping
    assert found.data.split.resample == ("train" if many else None)
    assert ("# resample: each seed draws its own training texts" in text) is many
    assert done.sizes == {"train": 8_000, "validation": 2_000, "test": 2_000}
    assert ("classes with fewer than 11 texts are left out (null): rare; they have 10 in all" in text) is (rare == 10)


def test_splits_without_validation_texts_take_them_from_train(root: Path) -> None:
    (root / "data").mkdir()
    for split, texts in {"train": rows(15)[:12], "test": rows(15)[12:]}.items():
        lines = ["text,label", *(f"{text},{n % 2}" for n, text in enumerate(texts))]
        (root / "data" / f"{split}.csv").write_text("\n".join(lines), encoding="utf-8")
    done, found, text = drafted(root, "data", text=("text",), label="label")
    assert done.sizes == {"train": 10, "validation": 2, "test": 3}
    assert found.data.split.validation == 0.2
    assert "validation texts are a share of train" in text


def test_blank_labels_are_no_class(root: Path) -> None:
    labels = ["good", "bad"] * 60 + [""] * 12 + ["odd"] * 3
    lines = [json.dumps({"text": text, "label": label}) for text, label in zip(rows(135), labels, strict=True)]
    (root / "gaps.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done, found, _ = drafted(root, "gaps.jsonl")
    assert found.data.label.mapping == {"good": "good", "bad": "bad", "odd": None}
    assert done.survey.classes.counts == {"good": 60, "bad": 60}
    assert done.survey.no_label == 12


def test_labels_that_differ_by_spaces_are_said_to(root: Path) -> None:
    lines = [json.dumps({"text": text, "label": ("good", "good ", "bad")[n % 3]}) for n, text in enumerate(rows(90))]
    (root / "spaces.jsonl").write_text("\n".join(lines), encoding="utf-8")
    said = "classes that differ by spaces, case or Unicode form only: 'good' and 'good '"
    assert said in drafted(root, "spaces.jsonl")[2]


def test_a_model_counts_from_the_current_folder_as_data_do(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(root)
    monkeypatch.chdir(root / "models")
    _, found, _ = drafted(root, "../small.csv", model="tiny")
    assert (found.data.source, found.model) == ("small.csv", "models/tiny")
    (root / "models" / "mine.csv").touch()
    with pytest.raises(InputError, match=r"--data models/mne\.csv: no such file; there are: mine\.csv"):
        new_experiment(Wish("other", "mne.csv"), Workspace(root))


def test_very_many_classes_keep_the_most_frequent(root: Path) -> None:
    texts = rows(4200)
    lines = ["text,my label", *(f"{text},c{n % 210}" for n, text in enumerate(texts))]
    (root / "many.csv").write_text("\n".join(lines), encoding="utf-8")
    done, found, _ = drafted(root, "many.csv", label="my label")
    assert len(done.survey.classes.counts) == 200
    assert found.data.where is not None
    assert sum(done.sizes.values()) == 4000


def test_names_that_yaml_would_read_otherwise_come_back_as_they_are(root: Path) -> None:
    lines = [
        '"te: xt #","yes"',
        *(f"{text},{('no', 'null', '- 1 #', '1e3x')[n % 4]}" for n, text in enumerate(rows(200))),
    ]
    (root / "odd, name #1.csv").write_text("\n".join(lines), encoding="utf-8")
    done, found, _ = drafted(root, "odd, name #1.csv", text=("te: xt #",), label="yes")
    assert (found.data.source, found.data.text, found.data.label.column) == ("odd, name #1.csv", "te: xt #", "yes")
    assert set(done.survey.classes.counts) == {"no", "null", "- 1 #", "1e3x"}


def small(root: Path) -> None:
    lines = ["text,label", *(f"{text},{label}" for text, label in make_texts(200))]
    (root / "small.csv").write_text("\n".join(lines), encoding="utf-8")


@pytest.mark.parametrize(
    ("wish", "error", "said"),
    [
        ({"text": ("txet",)}, UnknownName, "--text: unknown column 'txet'; did you mean 'text'?"),
        ({"text": ("text",), "label": "text"}, BadValue, "--label: 'text' is the column with the text"),
        ({"source": "smal.csv"}, InputError, "--data smal.csv: no such file; there are: russian.csv, small.csv"),
        ({"name": "2nd"}, BadValue, "'2nd' cannot be the name of an experiment"),
        ({"name": "a/b"}, BadValue, "cannot be the name"),
        ({"model": "models/none"}, InputError, "--model: unknown model"),
        ({"config": "x", "source": "no/body"}, InputError, "no/body: neither a folder here nor"),
        ({"source": "no/body"}, InputError, "; `--data FILE` uses a file of your own"),
        ({"source": "russian.csv"}, InputError, "it looks like cp1251; say `--encoding cp1251`"),
        ({"encoding": "nonsense"}, BadValue, "--encoding: 'nonsense' cannot be used: no such encoding is known"),
        ({"source": "tiny.csv"}, BadValue, "--data: too few texts to have every class in train, validation and test"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(root: Path, wish: dict, error: type, said: str) -> None:
    small(root)
    (root / "russian.csv").write_text("text,label\n" + "\n".join(rows(40, RUSSIAN)), encoding="cp1251")
    (root / "tiny.csv").write_text("text,label\n" + "\n".join(f"{t},{n % 2}" for n, t in enumerate(rows(6))))
    with pytest.raises(error) as caught:
        new_experiment(Wish(**{"name": "mine", "source": "small.csv", "calibration": False, **wish}), Workspace(root))
    assert said in str(caught.value)
    assert list((root / "params").iterdir()) == []


def test_a_file_without_a_label_is_refused(root: Path) -> None:
    (root / "bare.csv").write_text(
        "id,text\n" + "\n".join(f"{n},{t}" for n, t in enumerate(rows(90))), encoding="utf-8"
    )
    with pytest.raises(BadValue, match="--label: no column looks like a label; name one of id, text"):
        new_experiment(Wish("mine", "bare.csv", calibration=False), Workspace(root))


def test_equal_texts_under_several_labels_are_said_to_leave_one_label(root: Path) -> None:
    lines = [f"{text},{label}" for text in dict.fromkeys(rows(90)) for label in "ab"]
    (root / "apart.csv").write_text("\n".join(["text,label", *lines]), encoding="utf-8")
    with pytest.raises(BadValue, match="values beside a text; of equal texts one is kept, whatever their labels"):
        new_experiment(Wish("mine", "apart.csv", calibration=False), Workspace(root))


def test_a_folder_whose_files_have_other_columns_is_refused(root: Path) -> None:
    (root / "f").mkdir()
    (root / "f" / "train.csv").write_text("\n".join(["text,label", *(f"{t},{n % 2}" for n, t in enumerate(rows(90)))]))
    (root / "f" / "test.csv").write_text("\n".join(["text", *rows(90)]))
    with pytest.raises(BadValue, match="--label: the file of test has no column 'label'"):
        new_experiment(Wish("mine", "f", calibration=False), Workspace(root))


@pytest.mark.parametrize("column", ["class", "la`bel"])
def test_very_many_classes_under_a_name_that_is_no_plain_one(root: Path, column: str) -> None:
    lines = [f"text,{column}", *(f"{text},c{n % 205}" for n, text in enumerate(rows(3075)))]
    (root / "codes.csv").write_text("\n".join(lines), encoding="utf-8")
    if column == "class":
        assert drafted(root, "codes.csv", label=column)[1].data.where.startswith("`class` in ")
    else:
        with pytest.raises(BadValue, match="205 classes"):
            drafted(root, "codes.csv", label=column)


def test_a_file_that_is_there_stays_unless_forced(root: Path) -> None:
    small(root)
    (root / "params" / "mine.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(BadValue, match=r"params/mine\.yaml: is there already; another name, or --force"):
        new_experiment(Wish("mine", "small.csv", calibration=False), Workspace(root))
    assert (root / "params" / "mine.yaml").read_text() == "mine"
    drafted(root, "small.csv", force=True)


@pytest.mark.slow
def test_the_command_times_the_methods_and_says_what_it_would_cost(
    root: Path, tiny_distilbert: Path, capsys: pytest.CaptureFixture
) -> None:
    """Prefix tuning, which DistilBERT cannot do, becomes a comment."""
    small(root)
    (root / "models" / "distilbert").symlink_to(tiny_distilbert)
    assert cli.main(["new", "mine", "--data", "small.csv", "--model", "models/distilbert"]) == 0
    out = capsys.readouterr().out
    assert "text: column text (guessed, nothing else comes near)" in out
    assert "2 classes: " in out
    assert "left out: prefix: " in out
    assert "34 runs" in out
    assert "minutes on this machine" in out
    assert "written: params/mine.yaml; `bakeoff run params/mine.yaml` goes" in out
    assert not any(text in out for text, _ in make_texts(200) if len(text.split()) > 3), "texts stay out of sight"
    found = load_experiment(root / "params" / "mine.yaml")
    assert found.seeds == (41, 42, 43, 44, 45), "they take a minute or so"
    assert set(found.methods) == {"majority", "tfidf", "untrained", "linear_probe", "full", "lora"}
    assert "  # prefix: " in (root / "params" / "mine.yaml").read_text(encoding="utf-8")


TIMING = Timing(start=1.0, load=1.0, save=1.0, epoch=0.0, tokenize=0.0, train=0.0, predict=0.0, epochs=3, frozen=False)


@pytest.mark.parametrize(
    ("load", "seeds", "runs", "says"),
    [
        (1.0, 5, 34, "five say more\n"),
        (350.0, 3, 20, "five say more: 34 runs, about "),
        (None, 3, 14, "five say more; how long they take was not measured\n"),
    ],
)
def test_five_seeds_are_drafted_where_they_fit_into_an_hour(
    root: Path, monkeypatch: pytest.MonkeyPatch, load: float | None, seeds: int, runs: int, says: str
) -> None:
    """What is refused stays refused with either number."""
    small(root)

    def timed(planned: Plan, _: object) -> tuple[dict[str, Timing], dict[str, str], dict[str, str]]:
        names = [name for name in planned.experiment.methods if name != "prefix"]
        return {name: replace(TIMING, load=load) for name in names} if load else {}, {"prefix": "no such layers"}, {}

    monkeypatch.setattr("bakeoff.draft.new.calibrate", timed)
    monkeypatch.setattr("bakeoff.draft.estimate.this_many", lambda _: 2)
    done = new_experiment(Wish("mine", "small.csv"), Workspace(root))
    text = done.file.read_text(encoding="utf-8")
    found = load_experiment(done.file)
    assert found.seeds == tuple(range(41, 41 + seeds))
    assert says in text
    assert "  # prefix: no such layers" in text
    assert (len(plan(found, Workspace(root)).items), done.runs) == (runs, runs)
    assert (done.estimate.runs if done.estimate else None) == (runs if load else None)


def test_where_no_network_can_be_run_the_rest_is_drafted_with_the_reasons(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The draft named a reference that it did not have, and the command ended with a fault of its own."""
    small(root)

    def timed(planned: Plan, _: object) -> tuple[dict[str, Timing], dict[str, str], dict[str, str]]:
        refused = {name for name, entry in planned.experiment.methods.items() if entry.method.neural}
        names = [name for name in planned.experiment.methods if name not in refused]
        return dict.fromkeys(names, TIMING), dict.fromkeys(refused, "no model can be built"), {}

    monkeypatch.setattr("bakeoff.draft.new.calibrate", timed)
    done = new_experiment(Wish("mine", "small.csv"), Workspace(root))
    found = load_experiment(done.file)
    assert set(found.methods) == {"majority", "tfidf"}
    assert found.compare.reference == "tfidf"
    assert "  # full: no model can be built" in done.file.read_text(encoding="utf-8")


def test_no_more_tokens_are_drafted_than_the_model_has_places_for(root: Path) -> None:
    lines = ["text,label", *(f"{' '.join([text] * 40)},{n % 2}" for n, text in enumerate(rows(200)))]
    (root / "long.csv").write_text("\n".join(lines), encoding="utf-8")
    _, found, text = drafted(root, "long.csv", model="models/tiny")
    assert found.data.max_length == 48, "of 64 places, 10 are for virtual tokens"
    assert "tokens; longer texts are cut, and more than 5 of 100 are" in text
    settings = {**json.loads((root / "models/tiny/config.json").read_text("utf-8")), "tokenizer": "models/tiny"}
    (root / "models/one.json").write_text(json.dumps(settings), encoding="utf-8")
    done = new_experiment(Wish("one", "long.csv", model="models/one.json", calibration=False), Workspace(root))
    assert load_experiment(done.file).data.max_length == 48, "from random weights as well"


def test_few_test_texts_are_called_so(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, told in ((100, True), (400, False)):
        lines = ["text,label", *(f"{text},{n % 2}" for n, text in enumerate(rows(number)))]
        (root / "few.csv").write_text("\n".join(lines), encoding="utf-8")
        assert cli.main(["new", "mine", "--data", "few.csv", "--no-calibration", "--force"]) == 0
        assert ("few test texts: one of them is 7 points of accuracy" in capsys.readouterr().out) is told

"""The sentences of a report by key, in English; other languages translate these texts in their catalogues.

Templates hold no digit: every number a reader sees comes out of a slot.
"""

from __future__ import annotations

__all__ = ["TEMPLATES"]

_TEST = "{estimate} in {metric} ({confidence} interval {interval}; p {p} after correction for {comparisons})"

TEMPLATES = {
    # limits, about what could be seen at all
    "resolution.one": "With {items} and {seeds}, a comparison of two trained methods finds a true gap of {gap} in "
    "{metric} with a chance of {power}, before any correction for the number of comparisons. Smaller gaps can easily "
    "go unseen.",
    "resolution.range": "With {items} and {seeds}, a comparison of two trained methods finds a true gap of {gap} in "
    "{metric}, depending on the pair, with a chance of {power}, before any correction for the number of comparisons. "
    "Smaller gaps can easily go unseen.",
    "scope.all": "With {seeds} per method, noise between seeds cannot be told from a difference between methods. What "
    "follows is about the models trained here, not about the methods: another seed could turn it.",
    "scope.methods": "{names} finished too few seeds to tell noise between seeds from a difference between methods. "
    "What is said of them is about the models trained here, not about the methods.",
    "scope.pairs": "For {pairs}, too few seeds are shared to tell noise between seeds from a difference between "
    "methods. What is said of these pairs is about the models trained here, not about the methods.",
    "noise": "Between seeds, the {metric} of a trained method has a standard deviation of {seed_sd}; the choice of "
    "test items alone gives its mean a standard error of {item_se}.",
    # findings, about which is better
    "highest": "{best} had the highest mean {metric} on the test items: {mean} ({range} over {seeds}).",
    "highest.shared": "{names} shared the highest mean {metric} on the test items: {mean}.",
    "highest.single": "{best} had the highest {metric} on the test items: {mean}.",
    "standing.every": "{best} was better than every other method, after correction for {comparisons}.",
    "standing.methods": "{best} was better than {names}, after correction for {comparisons}.",
    "standing.models": "As trained here, {best} scored higher than {names}, after correction for {comparisons}.",
    "standing.same": "{best} is equivalent to {names}, within {margin}.",
    "standing.open": "The data do not separate {best} from {names}.",
    "reference.methods.up": "{a} was better than {b}: " + _TEST + ".",
    "reference.methods.down": "{a} was worse than {b}: " + _TEST + ".",
    "reference.models.up": "As trained here, {a} scored higher than {b}: " + _TEST + ".",
    "reference.models.down": "As trained here, {a} scored lower than {b}: " + _TEST + ".",
    "reference.negligible.up": "{a} was ahead of {b}, but by less than the margin of {margin}: " + _TEST + ".",
    "reference.negligible.down": "{a} was behind {b}, but by less than the margin of {margin}: " + _TEST + ".",
    "reference.equivalent": "{a} and {b} are equivalent within the margin of {margin}: {estimate} in {metric} "
    "({confidence} interval {interval}; p {p} against a larger difference, after correction for {comparisons}).",
    "reference.open": "The data do not settle {a} against {b}: " + _TEST + ".",
    "reference.corrected": "The data do not settle {a} against {b}: " + _TEST + ". The interval leaves out zero, but "
    "the difference does not outlast the correction.",
    "not_comparable.settings": "{a} is not compared with {b}: the two did not see the same texts, splits and classes.",
    "not_comparable.items": "{a} is not compared with {b}: the two were tested on different items.",
    "not_comparable.labels": "{a} is not compared with {b}: their test items carry different labels.",
    "not_comparable.seeds": "{a} is not compared with {b}: they have no seed in common.",
    # limits, about what is left open
    "unsettled.both": "If the gap between {a} and {b} stays as it looks now, about {more_seeds} instead of {seeds}, or "
    "about {more_items} instead of {items}, would settle which is better or that they are equivalent.",
    "unsettled.seeds": "If the gap between {a} and {b} stays as it looks now, about {more_seeds} instead of {seeds} "
    "would settle which is better or that they are equivalent; more test items alone would not.",
    "unsettled.items": "If the gap between {a} and {b} stays as it looks now, about {more_items} instead of {items} "
    "would settle which is better or that they are equivalent; more seeds alone would not.",
    "unsettled.fixed": "If the gap between {a} and {b} stays as it looks now, about {more_items} instead of {items} "
    "would settle which is better or that they are equivalent.",
    "unsettled.trained": "If the gap between {a} and {b} stays as it looks now, about {more_items} instead of {items} "
    "would settle which of the models trained here is better. What is true of the methods takes more seeds.",
    "unsettled.neither": "If the gap between {a} and {b} stays as it looks now, neither more seeds nor more test items "
    "alone would settle which is better; it takes both.",
    "cross_check": "A bootstrap does not agree with the tests about {pairs}: one leaves out zero, the other does not. "
    "These are borderline cases.",
    # caveats, about baselines
    "baseline.beaten": "Better than the baseline {b} (mean {metric} {mean}), after correction for {comparisons}: "
    "{names}.",
    "baseline.majority": "Nothing here shows that {a} learned more than which class is the most frequent: its mean "
    "{metric} is {mean_a}, that of {b} {mean_b}; " + _TEST + ".",
    "baseline.below": "{a} was worse than the baseline {b}: mean {metric} {mean_a} against {mean_b}; " + _TEST + ".",
    "baseline.other": "{a} was not shown to be better than the baseline {b}: mean {metric} {mean_a} against {mean_b}; "
    + _TEST + ".",
    # what was not equal
    "unequal": "Not everything but the method was equal between the trained methods.",
    "unequal.trials": "Settings were tried on validation unequally often: {groups}.",
    "unequal.epochs": "They did not see the training texts equally often: {groups}.",
    "unequal.steps": "They took unequal numbers of optimizer steps: {groups}.",
    "unequal.batch": "An optimizer step rested on unequal numbers of texts: {groups}.",
    "unequal.length": "They read texts up to unequal lengths: {groups}.",
    "unequal.cut": "Unequal shares of the texts were longer than what was read of them: {groups}.",
    "unequal.dtype": "They computed in different number formats: {groups}.",
    "unequal.weights": "They weighted the classes in training differently: {groups}.",
    "unequal.model": "They started from different base models: {groups}.",
    "unequal.model.reference": "Against {b}, a comparison of {names} is one of models as well as methods.",
    "absent": "Without a result, and so not compared: {names}.",
    # where accuracy alone misleads
    "imbalance": "The classes are unequal in number: of {total}, {n_most} have the class {most}, {n_least} the class "
    "{least}.",
    "imbalance.measured": "By itself, {metric} misleads here: {b}, which gives every text the same class, has "
    "{accuracy} in {metric} and {macro_f1} in {other}. Read the two beside each other.",
    "imbalance.counted": "By itself, {metric} misleads here: to give every test text the class {most} would have "
    "{accuracy} in {metric}. Read {other} beside it.",
    "imbalance.declared": "The verdicts are about {metric}, as declared before running, and say little about the "
    "smaller classes; {other} can be declared instead.",
    # recommendations
    "constraint.best": "Within {limits}: {a} had the highest mean {metric} on the validation texts among the trained "
    "methods that stay within in all their finished runs, {mean} over {seeds}; measured: {measured}.",
    "constraint.only": "Within {limits}: of the trained methods, {a} alone stays within in all its finished runs. Its "
    "mean {metric} on the validation texts is {mean} over {seeds}; measured: {measured}.",
    "constraint.tied": "Not told apart from {a}, within the noise between seeds or by the test: {others}.",
    "constraint.behind": "Also within, behind {a}: {others}.",
    "constraint.also": "Also within, behind {a}: {names}.",
    "constraint.none": "Within {limits}: no trained method stays within in all its finished runs. The nearest is {a}; "
    "measured: {measured}.",
    "constraint.unknown": "Within {limits}: nothing can be said, since no trained method was measured for it in all "
    "its finished runs.",
    "constraint.conditions": "What the machine decides was not measured under the same conditions with all methods: "
    "{names} against {a}.",
    "constraint.unmeasured": "Not measured in all their runs, and left out here: {names}.",
    "constraint.unfinished": "Not finished with every declared seed: {names}.",
    "constraint.baselines.alone": "Baselines that stay within, with their mean {metric}: {others}.",
    "constraint.baselines": "Baselines that stay within and do not lie below that mean {metric}: {others}.",
    # economies
    "sweep": "For {a}, {chosen} was chosen by {metric} on the validation items from {trials}: {tried}. The test items "
    "had no part in it. One run per value is enough to choose by, not to call one value better than another.",
    "sweep.edge": "The chosen {chosen} lies at the end of what was tried; better values may lie beyond.",
    "cost.parameters": "{a} trained {own} parameters, {share} of the {theirs} that {b} trained.",
    "cost.reached": "{a} reached about {ratio} of the mean {metric} of {b} ({quality} over {runs} against "
    "{other_quality} over {other_runs}); it trained {own} parameters, {share} of {theirs}.",
    "cost.reached.floor": "{a} reached about {ratio} of the mean {metric} of {b} ({quality} over {runs} against "
    "{other_quality} over {other_runs}, where {c}, which learns nothing from the texts, has {floor}); it trained {own} "
    "parameters, {share} of {theirs}.",
    "cost.equivalent": "{a} is equivalent to {b} in mean {metric}, within {margin} ({quality} over {runs} against "
    "{other_quality} over {other_runs}); it trained {own} parameters, {share} of {theirs}.",
    "cost.open": "{a} trained {own} parameters, {share} of the {theirs} that {b} trained; the data do not separate "
    "their mean {metric} ({quality} over {runs} against {other_quality} over {other_runs}).",
    "cost.epochs": "They did not see the training texts equally often: {own} with {a}, {theirs} with {b}.",
    "cost.elsewhere": "Time and memory of {a} and {b} were not measured under the same conditions and are not "
    "compared: {what}.",
    "cost.busy": "The times of {a} and {b} are not compared, for the machine was not equally busy: a load of {own} "
    "against {theirs}.",
    "cost.time.less": "It saves time: training took {own} against {theirs}.",
    "cost.time.more": "It takes longer: training took {own} against {theirs}.",
    "cost.time.overlap": "Training took {own} against {theirs}; the ranges overlap.",
    "cost.time.single": "Training took {own} against {theirs}, too few runs to call one faster.",
    "cost.memory.less": "It saves memory: the peak in training was {own} against {theirs}.",
    "cost.memory.more": "It takes more memory: the peak in training was {own} against {theirs}.",
    "cost.memory.overlap": "The peak of memory in training was {own} against {theirs}; the ranges overlap.",
    "cost.memory.single": "The peak of memory in training was {own} against {theirs}, too few runs to call one "
    "smaller.",
    "cost.gpu.less": "It saves GPU memory: the peak in training was {own} against {theirs}.",
    "cost.gpu.more": "It takes more GPU memory: the peak in training was {own} against {theirs}.",
    "cost.gpu.overlap": "The peak of GPU memory in training was {own} against {theirs}; the ranges overlap.",
    "cost.gpu.single": "The peak of GPU memory in training was {own} against {theirs}, too few runs to call one "
    "smaller.",
    # caveats, about what must not be missed
    "collapsed": "{a} gave all {split} one class ({classes}) with {seeds}, in {runs} of {total}: training collapsed "
    "there, and its numbers have to be read with that in mind.",
    "collapsed.nearly": "{a} gave {given} of {all} {split} one class ({classes}) with {seeds}, in {runs} of {total}: "
    "training nearly collapsed there, and its numbers have to be read with that in mind.",
    "collapsed.trials": "In the sweep of {a}, trials that gave all or nearly all validation texts one class "
    "({metric} on validation): {tried}, of {total}.",
    "unstable": "{a} varies far more between seeds than the others do: its {metric} has a standard deviation of {own}, "
    "theirs is about {others}. What is said about it rests on {seeds} and is less certain than its p values suggest.",
    "scratch.beside": "{names}: trained from random weights, beside methods that start from pretrained ones. The gap "
    "between them says nothing about architectures, nor about pretrained models of that kind.",
    "flips": "Of {items}, over the runs of each method: {both} right with both {a} and {b}, {first} only with {a}, "
    "{second} only with {b}, {neither} with neither. A text counts as right where more than half of a method's runs "
    "are.",
    "scratch.alone": "{names}: trained from random weights. Nothing here is about pretrained models.",
    "overlap": "Test texts that also stand among the training texts: {shared} of {total}. All methods were tested on "
    "them alike.",
    "overlap.groups": "Values of {group} that stand among the test texts and among the training texts: {shared} of the "
    "{total} in the test. The results are about such texts, and say less about values that training has not seen.",
    "missing.reference": "{b}, the method the others were to be held against, has no finished run.",
    "missing.runs": "{a} has not been run with {seeds}.",
    "missing.seeds": "{a} is compared by what it finished, {seeds}, and with each other method by the seeds both have.",
    "failed.diverged": "{a} diverged with {seeds}: {type}: {message}.",
    "failed.failed": "{a} failed with {seeds}: {type}: {message}.",
    "failed.killed": "{a} was ended by the system with {seeds}: {type}: {message}.",
    "failed.memory": "{a} ran out of memory with {seeds}: {type}: {message}.",
    "failed.time": "{a} ran out of time with {seeds}: {type}: {message}.",
    "failed.unsupported": "{a} is not supported here, with {seeds}: {type}: {message}.",
    "failed.unknown": "{a} failed with {seeds}, for a reason that was not recorded.",
    "additional": "Run beside the declared comparison, and not part of any verdict: {names}.",
    "excluded": "Left out: {run}, {reason}.",
}  # fmt: skip

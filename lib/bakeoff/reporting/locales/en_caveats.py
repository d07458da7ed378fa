"""The sentences of `en` about what must not be missed: baselines, odd runs, odd data, what has no result.

Only `locales.en` imports this; what it says of templates holds here.
"""

from __future__ import annotations

__all__ = ["CAVEATS", "SAME", "TEST"]

TEST = "{estimate} in {metric} ({confidence} interval {interval}; p {p} after correction for {comparisons})"
SAME = (
    "{estimate} in {metric} ({confidence} interval {interval}; p {p} against a larger difference, after correction for "
    "{comparisons})"
)
"""What is measured of a pair, with the p of a difference and with that of equivalence; `en` uses both, too."""

_MEANS = "mean {metric} {mean_a} against {mean_b}; "
_EACH = "; each with its mean, the difference and its {confidence} interval: {methods}."

CAVEATS = {
    "baseline.better.methods": "Better than the baseline {b} (mean {metric} {mean}): {names}.",
    "baseline.better.models": "As trained here, higher than the baseline {b} (mean {metric} {mean}): {names}.",
    "baseline.ahead.methods": "Ahead of the baseline {b} (mean {metric} {mean}), but by less than the margin of "
    "{margin}: {names}.",
    "baseline.ahead.models": "As trained here, higher than the baseline {b} (mean {metric} {mean}), but by less than "
    "the margin of {margin}: {names}.",
    "baseline.worse.methods": "{a} was worse than the baseline {b}: " + _MEANS + TEST + ".",
    "baseline.worse.models": "As trained here, {a} scored lower than the baseline {b}: " + _MEANS + TEST + ".",
    "baseline.behind.methods": "{a} was behind the baseline {b}, but by less than the margin of {margin}: " + _MEANS
    + TEST + ".",
    "baseline.behind.models": "As trained here, {a} scored lower than the baseline {b}, but by less than the margin of "
    "{margin}: " + _MEANS + TEST + ".",
    "baseline.equivalent.methods": "{a} and the baseline {b} are equivalent within the margin of {margin}: " + _MEANS
    + SAME + ".",
    "baseline.equivalent.models": "As trained here, {a} and the baseline {b} are equivalent within the margin of "
    "{margin}: " + _MEANS + SAME + ".",
    "baseline.open.methods": "{a} was not shown to be better than the baseline {b}: " + _MEANS + TEST + ".",
    "baseline.open.models": "As trained here, {a} was not shown to score higher than the baseline {b}: " + _MEANS
    + TEST + ".",
    "baseline.below.open.methods": "{a} scored below the baseline {b}, which the data do not settle: " + _MEANS + TEST
    + ".",
    "baseline.below.open.models": "As trained here, {a} scored below the baseline {b}, which the data do not settle: "
    + _MEANS + TEST + ".",
    "baseline.several.methods": "Not shown to be better than the baseline {b} (mean {metric} {mean})" + _EACH,
    "baseline.several.models": "As trained here, not shown to score higher than the baseline {b} (mean {metric} "
    "{mean})" + _EACH,
    "baseline.majority.several.methods": "Not shown to be better than giving every text the most frequent class ({b}, "
    "mean {metric} {mean})" + _EACH,
    "baseline.majority.several.models": "As trained here, not shown to score higher than giving every text the most "
    "frequent class ({b}, mean {metric} {mean})" + _EACH,
    "baseline.majority.equivalent.methods": "By {metric}, {a} is equivalent to giving every text the most frequent "
    "class ({b}), within the margin of {margin}: " + _MEANS + SAME + ".",
    "baseline.majority.equivalent.models": "By {metric} and as trained here, {a} is equivalent to giving every text "
    "the most frequent class ({b}), within the margin of {margin}: " + _MEANS + SAME + ".",
    "baseline.majority.open.methods": "By {metric}, {a} is not shown to be better than giving every text the most "
    "frequent class ({b}): " + _MEANS + TEST + ".",
    "baseline.majority.open.models": "By {metric} and as trained here, {a} is not shown to be better than giving every "
    "text the most frequent class ({b}): " + _MEANS + TEST + ".",
    "collapsed": "{a} gave all {split} one class ({classes}){where}: training collapsed there. Its scores hardly order "
    "the texts by class either (AUROC {auroc}; chance is one half).",
    "collapsed.nearly": "{a} gave {given} of {all} {split} one class ({classes}){where}: training nearly collapsed "
    "there. Its scores hardly order the texts by class either (AUROC {auroc}; chance is one half).",
    "collapsed.ordered": "{a} gave all {split} one class ({classes}){where}, though its scores order the texts by "
    "class (AUROC {auroc}; chance is one half). Only the class given counts in {metric}, not that order; a decision "
    "threshold chosen on the validation texts may put it to use.",
    "collapsed.nearly.ordered": "{a} gave {given} of {all} {split} one class ({classes}){where}, though its scores "
    "order the texts by class (AUROC {auroc}; chance is one half). Only the class given counts in {metric}, not that "
    "order; a decision threshold chosen on the validation texts may put it to use.",
    "collapsed.unknown": "{a} gave all {split} one class ({classes}){where}; its numbers have to be read with that in "
    "mind.",
    "collapsed.nearly.unknown": "{a} gave {given} of {all} {split} one class ({classes}){where}; its numbers have to "
    "be read with that in mind.",
    "collapsed.trials": "In the sweep of {a}, trials that gave all or nearly all validation texts one class "
    "({metric} on validation): {tried}, of {total}.",
    "unfound": "{a} found none or almost none of the test texts of {classes}: recall {recall}, the mean over {seeds}.",
    "rising": "{a} was still improving on validation in its last epoch ({metric} {before} to {after}, means over "
    "{seeds}); more epochs may help it.",
    "unstable": "{a} varies far more between seeds than the others do: its {metric} has a standard deviation of {own}, "
    "theirs is about {others}. Intervals and p values of what is said about it count that noise, of which {seeds} tell "
    "little.",
    "scratch.beside": "{names}: trained from random weights, beside methods that start from pretrained ones. The gap "
    "between them says nothing about architectures, nor about pretrained models of that kind.",
    "flips": "Of {items}, over the runs of each method: {both} right with both {a} and {b}, {first} only with {a}, "
    "{second} only with {b}, {neither} with neither. A text counts as right where more than half of a method's runs "
    "give the right class.",
    "scratch.alone": "{names}: trained from random weights. Nothing here is about pretrained models.",
    "overlap": "Test texts that also stand among the training texts: {shared} of {total}. All methods were tested on "
    "them alike.",
    "overlap.groups": "Values of {group} that stand among the test texts and among the training texts: {shared} of the "
    "{total} in the test. The results are about such texts, and say less about values that training has not seen.",
    "missing.reference": "{b}, the method the others were to be held against, has no finished run.",
    "missing.runs": "{a} has not been run with {seeds}.",
    "missing.unusable": "{a} finished with {seeds}, but what it left there cannot be used; the reasons stand with what "
    "was left out.",
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

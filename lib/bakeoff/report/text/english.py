"""The sentences of the report in English: key -> text with gaps.

Templates hold no digit: every number a reader sees comes out of a slot.
"""

from __future__ import annotations

__all__ = ["CAVEATS", "SAME", "TEMPLATES", "TEST"]


TEST = "{estimate} in {metric} ({confidence} interval {interval}; p {p} after correction for {comparisons})"
SAME = (
    "{estimate} in {metric} ({confidence} interval {interval}, {inner_confidence} {inner}; p {p} against a larger "
    "difference, after correction for {comparisons})"
)
"""What is measured of a pair, with the p of a difference and with that of equivalence; `en` uses both, too."""

_MEANT, _MEANT_SAME = (
    text.replace("({confidence}", "({mean_a} against {mean_b}; {confidence}") + "." for text in (TEST, SAME)
)
_EACH = "; of each: mean, difference, {confidence} interval): {methods}."

CAVEATS = {
    "baseline.better.methods": "Better than the baseline {b} (mean {metric} {mean}): {names}.",
    "baseline.better.models": "As trained here, higher than the baseline {b} (mean {metric} {mean}): {names}.",
    "baseline.ahead.methods": "Ahead of the baseline {b} (mean {metric} {mean}), but by less than the margin of "
    "{margin}: {names}.",
    "baseline.ahead.models": "As trained here, higher than the baseline {b} (mean {metric} {mean}), but by less than "
    "the margin of {margin}: {names}.",
    "baseline.worse.methods": "{a} was worse than the baseline {b}: " + _MEANT,
    "baseline.worse.models": "As trained here, {a} scored lower than the baseline {b}: " + _MEANT,
    "baseline.behind.methods": "{a} was behind the baseline {b}, but by less than the margin of {margin}: " + _MEANT,
    "baseline.behind.models": "As trained here, {a} scored lower than the baseline {b}, but by less than the margin of "
    "{margin}: " + _MEANT,
    "baseline.equivalent.methods": "{a} and the baseline {b} are equivalent within the margin of {margin}: "
    + _MEANT_SAME,
    "baseline.equivalent.models": "As trained here, {a} and the baseline {b} are equivalent within the margin of "
    "{margin}: " + _MEANT_SAME,
    "baseline.not_settled.methods": "{a} was not shown to be better than the baseline {b}: " + _MEANT,
    "baseline.not_settled.models": "As trained here, {a} was not shown to score higher than the baseline {b}: "
    + _MEANT,
    "baseline.below.not_settled.methods": "{a} scored below the baseline {b}, but that is not settled: " + _MEANT,
    "baseline.below.not_settled.models": "As trained here, {a} scored below the baseline {b}, but that is not "
    "settled: " + _MEANT,
    "baseline.several.methods": "Not shown to be better than the baseline {b} (mean {metric} {mean}" + _EACH,
    "baseline.several.models": "As trained here, not shown to score higher than the baseline {b} (mean {metric} "
    "{mean}" + _EACH,
    "baseline.majority.several.methods": "Not shown to be better than the most frequent class for every text ({b}, "
    "mean {metric} {mean}" + _EACH,
    "baseline.majority.several.models": "As trained here, not shown to score higher than the most frequent class for "
    "every text ({b}, mean {metric} {mean}" + _EACH,
    "baseline.majority.equivalent.methods": "{a} is equivalent to the most frequent class for every text ({b}), within "
    "{margin}: " + _MEANT_SAME,
    "baseline.majority.equivalent.models": "As trained here, {a} is equivalent to the most frequent class for every "
    "text ({b}), within {margin}: " + _MEANT_SAME,
    "baseline.majority.not_settled.methods": "{a} is not shown to be better than the most frequent class for every "
    "text ({b}): " + _MEANT,
    "baseline.majority.not_settled.models": "As trained here, {a} is not shown to be better than the most frequent "
    "class for every text ({b}): " + _MEANT,
    "collapsed": "{a} gave all {split} one class ({classes}){where}: training collapsed there. That its scores "
    "order the texts by class is not shown either (AUROC {auroc}; chance is one half).",
    "collapsed.nearly": "{a} gave {given} of {all} {split} one class ({classes}){where}: training nearly collapsed "
    "there. That its scores order the texts by class is not shown either (AUROC {auroc}; chance is one half).",
    "collapsed.ordered": "{a} gave all {split} one class ({classes}){where}. Its scores still order the texts by "
    "class (AUROC {auroc}; chance is one half). Only the class given counts in {metric}, not that order. A decision "
    "threshold chosen on the validation texts may put it to use.",
    "collapsed.nearly.ordered": "{a} gave {given} of {all} {split} one class ({classes}){where}. Its scores still "
    "order the texts by class (AUROC {auroc}; chance is one half). Only the class given counts in {metric}, not that "
    "order. A decision threshold chosen on the validation texts may put it to use.",
    "collapsed.unknown": "{a} gave all {split} one class ({classes}){where}; its numbers have to be read with that in "
    "mind.",
    "collapsed.nearly.unknown": "{a} gave {given} of {all} {split} one class ({classes}){where}; its numbers have to "
    "be read with that in mind.",
    "collapsed.trials": "In the sweep of {a}, trials that gave all or nearly all validation texts one class "
    "({metric} on validation): {tried}, of {total}.",
    "unfound": "{a} found none or almost none of the test texts of {classes}: recall {recall}, the mean over {seeds}.",
    "rising": "{a} was still improving on validation in its last epoch ({metric} {before} to {after}, means over "
    "{seeds}; {confidence} interval of the gain {interval}); more epochs may help it.",
    "unconverged": "The optimizer of {a} ended before it had converged{where}; more steps may change its numbers.",
    "chosen.edge": "{a} chose {chosen} on validation, at the end of what it tried{where}; a better value may lie "
    "beyond.",
    "unstable": "{a} varies far more between seeds than the others do. Its {metric} has a standard deviation of "
    "{own}, theirs is about {others}. Intervals and p values of what is said about it count that noise, of which "
    "{seeds} tell little.",
    "scratch.beside": "{names}: trained from random weights, beside methods that start from pretrained ones. The gap "
    "between them says nothing about architectures, nor about pretrained models of that kind.",
    "flips": "Of {items}: {both} right with both {a} and {b}, {first} only with {a}, {second} only with {b}, "
    "{neither} with neither. A text counts as right where more than half of a method's runs give the right class.",
    "scratch.alone": "{names}: trained from random weights. Nothing here is about pretrained models.",
    "overlap": "Test texts that also stand among the training texts: {shared} of {total}. On these, memory alone gives "
    "right answers, more with one method than with another.",
    "overlap.drawn": "Test texts that also stand among the training texts that a seed drew: at most {shared} of "
    "{total}. On these, memory alone gives right answers, more with one method than with another.",
    "overlap.groups.drawn": "Values of {group} in the test that also stand among the training texts of a seed: at "
    "most {shared} of {total}. The results are about such texts, and say less about values that training has not seen.",
    "overlap.groups": "Values of {group} that stand among the test texts and among the training texts: {shared} of the "
    "{total} in the test. The results are about such texts, and say less about values that training has not seen.",
    "missing.reference": "{b}, the method the others were to be held against, has no finished run.",
    "missing.runs": "{a} has not been run with {seeds}.",
    "missing.runs.several": "Not run with {seeds}: {names}.",
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

_LESS = ", about {by} less ({confidence} interval {interval})."
_MORE = ", about {by} more ({confidence} interval {interval})."

TEMPLATES = {
    # limits, about what could be seen at all
    "resolution.one.methods": "A true gap of {gap} in {metric} between two trained methods is found with a chance of "
    "{power} ({items}, {seeds}). That is before any correction for the number of comparisons. Smaller gaps can easily "
    "go unseen.",
    "resolution.one.models": "A true gap of {gap} in {metric} between two models trained here is found with a chance "
    "of {power} ({items}, {seeds}). Neither noise between seeds nor a correction for the number of comparisons is "
    "counted. Smaller gaps can easily go unseen.",
    "resolution.range.methods": "Depending on the pair of trained methods, a true gap of {gap} in {metric} is found "
    "with a chance of {power} ({items}, {seeds}). That is before any correction for the number of comparisons. "
    "Smaller gaps can easily go unseen.",
    "resolution.range.models": "Depending on the pair of models, a true gap of {gap} in {metric} is found with a "
    "chance of {power} ({items}, {seeds}). Neither noise between seeds nor a correction for the number of comparisons "
    "is counted. Smaller gaps can easily go unseen.",
    "resolution.none": "With {items} in {units}, each drawn without regard to the others, no gap in {metric} can be "
    "told from chance. An exact test of so few cannot find one, however large it is.",
    "resolution.strict": "At the strictest step of Holm's correction for {comparisons} it takes a gap of {gap}.",
    "resolution.strict.none": "At the strictest step of Holm's correction for {comparisons}, no gap can be told from "
    "chance, however large it is.",
    "scope.all": "With {seeds} per method, noise between seeds cannot be told from a difference between methods. What "
    "follows is about the models trained here, not about the methods: another seed could turn it.",
    "scope.methods": "{names} finished too few seeds to tell noise between seeds from a difference between methods. "
    "Such claims are about the models trained here, not about the methods.",
    "scope.pairs": "For {pairs}, too few seeds are shared to tell noise between seeds from a difference between "
    "methods. What is said of these pairs is about the models trained here, not about the methods.",
    # the lead, and what could not be seen
    "lead.best": "{best} scored highest, {mean}.",
    "lead.shared": "{names} share the highest score, {mean}.",
    "lead.every.methods": "{best} scored highest, {mean}, and is shown to be better than every other method.",
    "lead.every.models": "{best} scored highest, {mean}; of the models trained here, no other is level with it.",
    "lead.left": "{best} scored highest, {mean}; every other method is shown to be worse than at least one.",
    "lead.open.names": "{best} scored highest, {mean}; not shown to be worse than any method: {names}.",
    "lead.open.count": "{best} scored highest, {mean}; {number} are not shown to be worse than any.",
    "lead.near.names": "{best} scored highest, {mean}; not shown to be worse than any method by more than {margin}: "
    "{names}.",
    "lead.near.count": "{best} scored highest, {mean}; {number} are not shown to be worse than any by more than "
    "{margin}.",
    "sight.wide": "A gap to {reference} below {gap} is found with a chance under {power}; the margin is {margin}.",
    "sight.range": "With a chance of {power}, a gap to {reference} is found from {gaps} on, depending on the method; "
    "the margin is {margin}.",
    "sight.fine": "A gap to {reference} of {gap} is found with a chance of {power}, and the margin is {margin}.",
    # advice, from verdicts and costs
    "advice.limits": "This advice is about the methods that stay within {limits} in each of their runs.",
    "advice.trained": "This advice is about the methods that were trained here; {names} had a better mean.",
    "advice.only": "Take {a}: it is the only method that stays within {limits} in each of its runs.",
    "advice.only.constant": "Only {a}, which gives one class to every text, stays within {limits} in each of its runs.",
    "advice.none": "No method stays within {limits} in each of its runs: this report advises none.",
    "advice.alone": "Take {a}: it has the highest mean {metric}, and every other method in question is shown to be "
    "worse.",
    "advice.left": "Take {a}: it has the highest mean {metric}. Every other method in question is shown to be worse "
    "than at least one.",
    "advice.models": "Take {a}: it has the highest mean {metric} of the models trained here. Every other one in "
    "question is shown to be worse than at least one; other seeds may turn that round.",
    "advice.unlearnt": "Take {a} if one must be taken: it has the highest mean {metric}. Not even {b}, which gives "
    "one class to every text, is shown to be worse.",
    "advice.same": "The mean {metric} of {names} is the very same as that of {a}.",
    "advice.next": "The next is {b}, behind by {estimate} ({confidence} interval {interval}).",
    "advice.best.time": "Take {a}: it has the highest mean {metric}. Not shown to be worse than any, but not clearly "
    "faster to train either: {names}.",
    "advice.best.time.search": "Take {a}: it has the highest mean {metric}. Not shown to be worse than any, but not "
    "clearly faster to train with the search for settings: {names}.",
    "advice.best.parameters": "Take {a}: it has the highest mean {metric}. Not shown to be worse than any, but not "
    "with clearly fewer parameters to train: {names}.",
    "advice.unpriced": "Take {a}: it has the highest mean {metric}. Not shown to be worse than any, at a cost that "
    "cannot be compared: {names}.",
    "advice.open": "Take {a} if a loss of up to {loss} in {metric} is acceptable (the end of the {confidence} "
    "interval), else take {b}.",
    "advice.within": "Take {a}: {b} has the highest mean {metric}, and {a} is shown to lie within {margin} of it.",
    "advice.time": "{a} trains in {own}, {b} in {theirs}.",
    "advice.time.search": "With the search for settings, {a} trains in {own}, {b} in {theirs}.",
    "advice.parameters": "{a} trains {own} parameters, {b} {theirs}.",
    "advice.price": "What {a} takes ({labels}): {measured}.",
    "looks.planned": "Up to {most} were declared, and {seeds} are in. Tests and intervals of this report are held to "
    "a level of {level}. All reports on the way together then claim anything falsely with a chance of at most {alpha}.",
    "looks.beyond": "An earlier report was to be the last: it declared at most {most}, and {seeds} are in. Tests and "
    "intervals are held to a level of {level} instead of {alpha}. All reports so far together may claim something "
    "falsely with a chance of up to {worth}.",
    "looks.changed": "After an earlier report, the metric, the reference or the test texts were changed: this is one "
    "of {designs}. Tests and intervals are held to a level of {level} instead of {alpha}. All reports so far together "
    "may claim something falsely with a chance of up to {worth}.",
    "looks.dropped": "Counted among the comparisons, from an earlier report: {names}.",
    "noise": "Between seeds, the {metric} of a trained method has a standard deviation of {seed_sd}. The choice of "
    "test items alone gives its mean a standard error of {item_se}.",
    "noise.runs": "Between runs, which differ in seed and training texts, the {metric} of a trained method has a "
    "standard deviation of {seed_sd}. The choice of test items alone gives its mean a standard error of {item_se}.",
    "noise.known": "With {seeds}, the true standard deviation between seeds may be anything from {low} to {high} of "
    "the one seen ({confidence} interval).",
    "noise.runs.known": "With {seeds}, the true standard deviation between runs may be anything from {low} to {high} "
    "of the one seen ({confidence} interval).",
    "noise.collapse": "No collapse in {seeds} excludes only collapse in more than {bound} of a method's runs "
    "({confidence} exact bound). Of rarer ones nothing is known.",
    "noise.counted": "Intervals and tests count that other seeds and other test texts could have been drawn. They do "
    "not count other training texts: all runs learned from the same ones. Others would move the results further.",
    "noise.drawn": "Intervals and tests count that other seeds, test texts and training texts could have been drawn. "
    "Each seed drew its own {train} from {pool}, the same for every method. Two such draws have about {share} of "
    "their texts in common. Training texts from elsewhere would move the results further.",
    "noise.fixed": "For {names}, which no seed changes, they count other test texts alone, and so may be too narrow.",
    "groups.together": "The {items} come from {groups} values of {group}. Texts of one value may resemble each other, "
    "so tests and intervals count whole values rather than texts. A plan for more test texts means more values of "
    "{group}, with as many texts each.",
    "groups.uneven": "They do not count alike in {metric}: they say about as much as {groups} values of equal weight "
    "would.",
    "groups.apart": "The {items} come from {groups} values of {group}. Texts of one value may resemble each other, "
    "yet the intervals count each text by itself. They may be too narrow for other values of {group}.",
    # findings, about which is better
    "survivors": "This rests on {seeds} of {declared}: the runs without a result are not in it.",
    "survivors.names": "Verdicts on {names} rest on fewer than the {declared} that were declared: the runs without a "
    "result are not in them.",
    "chances": "Trained once more and tested on as many new texts, {a} would be ahead of {b} with a chance of "
    "{better}. With a chance of {within}, the two would then lie within the margin of {margin}. Both count the noise "
    "between seeds and that of test texts, each as uncertain as in the interval.",
    "chances.drawn": "Trained and tested anew, {a} would be ahead of {b} with a chance of {better}. With a chance of "
    "{within}, the two would then lie within the margin of {margin}. Anew means: another seed, other training texts "
    "from the same ones, and as many new test texts. Both count the noise between runs and that of test texts, each "
    "as uncertain as in the interval.",
    "highest": "{best} had the highest mean {metric} on the test items: {mean} ({range} over {seeds}).",
    "highest.shared": "{names} shared the highest mean {metric} on the test items: {mean}.",
    "highest.single": "{best} had the highest {metric} on the test items: {mean}.",
    "standing.every": "{best} was better than every other method: {names}.",
    "standing.better.methods": "{best} was better than {names}.",
    "standing.better.models": "As trained here, {best} scored higher than {names}.",
    "standing.ahead.methods": "By less than the margin of {margin}, {best} was ahead of {names}.",
    "standing.ahead.models": "As trained here, but by less than the margin of {margin}, {best} scored higher than "
    "{names}.",
    "standing.equivalent.methods": "Within the margin of {margin}, {best} is equivalent to {names}.",
    "standing.equivalent.models": "As trained here, within the margin of {margin}, {best} is equivalent to {names}.",
    "standing.not_settled.methods": "The data do not separate {best} from {names}.",
    "standing.not_settled.models": "As trained here, {best} is not separated from {names}.",
    "overtaken.better.methods": "On shared seeds ({seeds}), {a} was better than {b}: " + TEST + ".",
    "overtaken.better.models": "On shared seeds ({seeds}), {a} as trained here scored higher than {b}: " + TEST + ".",
    "overtaken.ahead.methods": "On shared seeds ({seeds}), {a} was ahead of {b}, but by less than the margin of "
    "{margin}: " + TEST + ".",
    "overtaken.ahead.models": "On shared seeds ({seeds}), {a} as trained here scored higher than {b}, by less "
    "than {margin}: " + TEST + ".",
    "reference.better.methods": "{a} was better than {b}: " + TEST + ".",
    "reference.better.models": "As trained here, {a} scored higher than {b}: " + TEST + ".",
    "reference.worse.methods": "{a} was worse than {b}: " + TEST + ".",
    "reference.worse.models": "As trained here, {a} scored lower than {b}: " + TEST + ".",
    "reference.ahead.methods": "{a} was ahead of {b}, but by less than the margin of {margin}: " + TEST + ".",
    "reference.ahead.models": "As trained here, {a} scored higher than {b}, but by less than the margin of {margin}: "
    + TEST + ".",
    "reference.behind.methods": "{a} was behind {b}, but by less than the margin of {margin}: " + TEST + ".",
    "reference.behind.models": "As trained here, {a} scored lower than {b}, but by less than the margin of {margin}: "
    + TEST + ".",
    "reference.equivalent.methods": "{a} and {b} are equivalent within the margin of {margin}: " + SAME + ".",
    "reference.equivalent.models": "As trained here, {a} and {b} are equivalent within the margin of {margin}: "
    + SAME + ".",
    "reference.not_settled.methods": "The data do not settle {a} against {b}: " + TEST + ".",
    "reference.not_settled.models": "The data do not settle {a} against {b}, as trained here: " + TEST + ".",
    "interval.corrected": "The interval leaves out zero, but the difference does not outlast the correction.",
    "interval.exact": "The interval leaves out zero, but is approximate. An exact test of the texts on which the two "
    "differ does not follow it.",
    "interval.exact.groups": "The interval leaves out zero, but is approximate. An exact test of the groups of texts "
    "in which the two differ does not follow it.",
    "interval.holds": "The interval holds zero, but is approximate. An exact test of the texts on which the two "
    "differ leaves it out.",
    "interval.holds.groups": "The interval holds zero, but is approximate. An exact test of the groups of texts in "
    "which the two differ leaves it out.",
    "not_comparable.settings": "{a} is not compared with {b}: the two did not see the same texts, splits and classes.",
    "not_comparable.items": "{a} is not compared with {b}: the two were tested on different items.",
    "not_comparable.labels": "{a} is not compared with {b}: their test items carry different labels.",
    "not_comparable.seeds": "{a} is not compared with {b}: they have no seed in common.",
    # limits, about what is left open
    "unsettled.both": "{a} against {b}: about {more_seeds} or {more_items} would settle {goal} (if the gap stays, "
    "with a chance of {power} after correction for {comparisons}).",
    "unsettled.seeds": "{a} against {b}: about {more_seeds} would settle {goal} (if the gap stays, with a chance of "
    "{power} after correction for {comparisons}). More test items alone would not.",
    "unsettled.seeds.far": "{a} against {b}: about {more_seeds} would settle {goal} (if the gap stays, with a chance "
    "of {power} after correction for {comparisons}). By test items alone it would take far more than the {items} at "
    "hand.",
    "unsettled.items": "{a} against {b}: about {more_items} would settle {goal} (if the gap stays, with a chance of "
    "{power} after correction for {comparisons}). More seeds alone would not.",
    "unsettled.items.far": "{a} against {b}: about {more_items} would settle {goal} (if the gap stays, with a chance "
    "of {power} after correction for {comparisons}). By seeds alone it would take far more than the {seeds} at hand.",
    "unsettled.fixed": "{a} against {b}: about {more_items} would settle {goal} (if the gap stays, with a chance of "
    "{power} after correction for {comparisons}).",
    "unsettled.fixed.far": "{a} against {b}: to settle {goal} takes far more than {items} (if the gap stays, with a "
    "chance of {power} after correction for {comparisons}).",
    "unsettled.neither": "{a} against {b}: neither seeds nor test items alone would settle {goal} (if the gap stays, "
    "after correction for {comparisons}). It takes both.",
    "unsettled.far": "{a} against {b}: to settle {goal} takes far more seeds, test items or both (if the gap stays, "
    "with a chance of {power} after correction for {comparisons}).",
    "unsettled.models": "What is true of the methods takes more seeds.",
    "cross_check": "A bootstrap does not agree with the tests about {pairs}. Before any correction, one of the two "
    "leaves out a difference of zero and the other does not. The verdicts follow the tests.",
    # what was not equal
    "unequal": "Not everything but the method was equal between the trained methods.",
    "unequal.trials": "Settings were tried on validation unequally often: {groups}.",
    "unequal.epochs": "They did not see the training texts equally often: {groups}.",
    "unequal.steps": "They took unequal numbers of optimizer steps: {groups}.",
    "unequal.batch": "An optimizer step rested on unequal numbers of texts: {groups}.",
    "unequal.length": "They read texts up to unequal lengths: {groups}.",
    "unequal.cut": "Unequal shares of the texts were longer than what was read of them: {groups}.",
    "unequal.pooling": "They made one vector of a text in different ways: {groups}.",
    "unequal.dtype": "They computed in different number formats: {groups}.",
    "unequal.weights": "They weighted the classes in training differently: {groups}.",
    "unequal.model": "They started from different base models: {groups}.",
    "unequal.model.reference": "Comparing {names} with {b} compares models as well as methods.",
    "interim": "Not all runs are in: {done} of {total}. Everything here is about what is in, and can change with the "
    "rest.",
    "absent": "Without a result, and so not compared: {names}.",
    # where accuracy alone misleads
    "imbalance": "The classes are unequal in number: of {total}, {n_most} have the class {most}, {n_least} the class "
    "{least}.",
    "imbalance.measured": "By itself, {metric} misleads here: {b}, which gives every text one class, has {accuracy} "
    "in {metric} and {macro_f1} in {other}. Read the two beside each other.",
    "imbalance.counted": "By itself, {metric} misleads here: to give every test text the class {most} would have "
    "{accuracy} in {metric}. Read {other} beside it.",
    "imbalance.declared": "The verdicts are about {metric}, as declared before running, and say little about the "
    "smaller classes; {other} can be declared instead.",
    "imbalance.now": "The verdicts are about {metric}, as asked for now, and say little about the smaller classes; "
    "{other} can be declared instead.",
    # where texts are read in part
    "cut": "{names} read at most {limit} of a text; {share} of the training texts are longer.",
    "cut.whole": "Whole texts were given to {names}.",
    "unread": "The tokenizer of {model} hardly knows these texts: of its tokens, {unknown} stand for unknown signs and "
    "{letters} for single letters. What is said of {names} is said of a model that was made for other texts.",
    # what was declared when
    "redeclared": "The comparison is the one asked for now; another was declared when its runs were made, for {runs}.",
    "redeclared.metric": "The metric is {own} now; it was {theirs} for {runs}.",
    "redeclared.reference": "The reference is {own} now; it was {theirs} for {runs}.",
    "redeclared.alpha": "The level of the intervals is {own} now; it was {theirs} for {runs}.",
    "redeclared.equivalence_margin": "The margin is {own} now; it was {theirs} for {runs}.",
    # recommendations
    "constraint.best": "Within {limits}: {a} had the highest mean {metric} on the validation texts, {mean} over "
    "{seeds}. Only trained methods compete that stay within in all their finished runs. Measured: {measured}.",
    "constraint.only": "Within {limits}: of the trained methods, {a} alone stays within in all its finished runs. Its "
    "mean {metric} on the validation texts is {mean} over {seeds}. Measured: {measured}.",
    "constraint.turned.methods": "Also within, not above {a} on validation, but ahead of it by the test after "
    "correction for {comparisons}: {others}.",
    "constraint.turned.models": "Also within, not above {a} on validation, but, as trained here, ahead of it by the "
    "test after correction for {comparisons}: {others}.",
    "constraint.tied.methods": "Not told apart from {a}, within the noise between seeds or by the test after "
    "correction for {comparisons}: {others}.",
    "constraint.tied.models": "As trained here, not told apart from {a}, on validation or by the test after "
    "correction for {comparisons}: {others}.",
    "constraint.behind.methods": "Also within, behind {a} on validation and by the test after correction for "
    "{comparisons}: {others}.",
    "constraint.behind.models": "Also within, behind {a} as trained here, on validation and by the test after "
    "correction for {comparisons}: {others}.",
    "constraint.beyond": "Trained methods that do not stay within, with their mean {metric} on validation and what "
    "was too much at least once: {others}.",
    "constraint.none": "Within {limits}: no trained method stays within in all its finished runs. The nearest is {a}. "
    "Measured: {measured}.",
    "constraint.unknown": "Within {limits}: nothing can be said, since no trained method was measured for it in all "
    "its finished runs.",
    "constraint.conditions": "What the machine decides was not measured under conditions known to be alike in all runs "
    "of {names}.",
    "constraint.unmeasured": "Not measured in all their runs, and left out here: {names}.",
    "constraint.unfinished": "Not finished with every declared seed: {names}.",
    "constraint.baselines.alone": "Baselines that stay within, with their mean {metric}: {others}.",
    "constraint.baselines": "Baselines that stay within and do not lie below that mean {metric}: {others}.",
    # beside the declared metric
    "calibration.lower.methods": "Lower {metric} than {b} (mean {mean}; of each: mean, difference, {confidence} "
    "interval): {methods}.",
    "calibration.lower.models": "As trained here, lower {metric} than {b} (mean {mean}; of each: mean, difference, "
    "{confidence} interval): {methods}.",
    "calibration.higher.methods": "Higher {metric} than {b} (mean {mean}; of each: mean, difference, {confidence} "
    "interval): {methods}.",
    "calibration.higher.models": "As trained here, higher {metric} than {b} (mean {mean}; of each: mean, difference, "
    "{confidence} interval): {methods}.",
    "calibration.none": "In {metrics}, no method was shown to differ from {b}, after correction for {comparisons}.",
    "recall.more.methods": "Classes of which {a} finds more test texts than {b} does (recall, difference, interval "
    "for all comparisons at once): {classes}.",
    "recall.more.models": "Classes of which {a}, as trained here, found more test texts than {b} did (recall, "
    "difference, interval for all comparisons at once): {classes}.",
    "recall.fewer.methods": "Classes of which {a} finds fewer test texts than {b} does (recall, difference, interval "
    "for all comparisons at once): {classes}.",
    "recall.fewer.models": "Classes of which {a}, as trained here, found fewer test texts than {b} did (recall, "
    "difference, interval for all comparisons at once): {classes}.",
    "recall.none": "No trained method was shown to find more or fewer test texts of any class than {b} does, after "
    "correction for {comparisons}.",
    # economies
    "sweep": "For {a}, {chosen} was chosen by {metric} on the validation items, the best of {trials} ({tried}). The "
    "test items had no part in it. One run per value chooses; it does not show that one value is better than another.",
    "sweep.drawn": "For {a}, {chosen} was chosen by {metric} on the validation items, the best of {trials}. The test "
    "items had no part in it. One run per setting chooses; it does not show that one setting is better than another.",
    "sweep.halved": "For {a}, {chosen} was chosen by {metric} on the validation items, the best of {whole} trained to "
    "the end. Successive halving stopped the others before, by the same metric ({trials} in all). The test items had "
    "no part in it. One run per setting chooses; it does not show that one setting is better than another.",
    "sweep.tied": "Another trial has the very same {metric}; of such trials the first that was tried is taken.",
    "sweep.seed": "They ran with {seeds}, which no comparison counts; the chosen setting was trained anew with every "
    "compared seed.",
    "sweep.edge": "The chosen {chosen} lies at the end of what was tried; better values may lie beyond.",
    "sweep.two": "Of {name}, only two values were tried.",
    "sweep.scale": "All trials had {fixed}. It and the rank together scale what {a} adds to the weights, so the trials "
    "differ in that scale, too.",
    "tuned.rows": "Rows with the settings that the experiment declares, not tuned: {names}.",
    "tuned.better.methods": "Tuned, better than with the declared settings: {methods}.",
    "tuned.better.models": "As trained here, higher tuned than with the declared settings: {methods}.",
    "tuned.worse.methods": "Tuned, worse than with the declared settings: {methods}.",
    "tuned.worse.models": "As trained here, lower tuned than with the declared settings: {methods}.",
    "tuned.equivalent.methods": "Equivalent tuned and with the declared settings, within the margin of {margin}: "
    "{methods}.",
    "tuned.equivalent.models": "As trained here, equivalent tuned and with the declared settings, within the margin of "
    "{margin}: {methods}.",
    "tuned.not_settled.methods": "The data do not settle whether tuning made a difference on test: {methods}.",
    "tuned.not_settled.models": "As trained here, the data do not settle whether tuning made a difference on test: "
    "{methods}.",
    "order.turned": "By mean {metric} on the validation items over the compared seeds, tuning turned which of two is "
    "ahead (first the one that was ahead with the declared settings): {pairs}.",
    "order.settled": "The tests on the test items bear out both orders: {pairs}.",
    "order.open": "The tests on the test items do not settle that the order turned: {pairs}.",
    "order.kept": "By mean {metric} on validation over the compared seeds, the order of {names} is the same tuned and "
    "as declared.",
    "cost.names": "What follows holds {a} against {b}.",
    "cost.parameters": "{a} trained {own} parameters, {share} of the {theirs} that {b} trained.",
    "cost.parameters.none": "{a} trained {own} parameters, {b} none.",
    "cost.reached": "{a} reached about {ratio} of the mean {metric} of {b} ({quality} over {runs} against "
    "{other_quality} over {other_runs}). It trained {own} parameters, {share} of {theirs}.",
    "cost.reached.floor": "{a} gained about {ratio} of what {b} gained over {c}, which learns nothing, in mean "
    "{metric} ({quality} over {runs} and {other_quality} over {other_runs} against {floor}). It trained {own} "
    "parameters, {share} of {theirs}.",
    "cost.equivalent": "{a} is equivalent to {b} in mean {metric}, within {margin} ({quality} over {runs} against "
    "{other_quality} over {other_runs}; after correction for {comparisons}). It trained {own} parameters, {share} of "
    "{theirs}.",
    "cost.not_settled": "{a} trained {own} parameters, {share} of the {theirs} that {b} trained. The data do not "
    "separate their mean {metric} ({quality} over {runs} against {other_quality} over {other_runs}; after correction "
    "for {comparisons}).",
    "cost.epochs": "They did not see the training texts equally often: {own} with {a}, {theirs} with {b}.",
    "cost.elsewhere": "Time and memory of {a} and {b} were not measured under the same conditions and are not "
    "compared: {what}.",
    "cost.busy.unlike": "The times of {a} and {b} are not compared: training got {own} of its processor time against "
    "{theirs}.",
    "cost.busy.low": "The times of {a} and {b} are not compared: training got only {own} of its processor time "
    "against {theirs}. How long it waited for the rest may be chance.",
    "cost.busy.unknown": "The times of {a} and {b} are not compared: how much processor time training got was not "
    "recorded.",
    "cost.time.less": "It saves time: training took {own} against {theirs}" + _LESS,
    "cost.time.more": "It takes longer: training took {own} against {theirs}" + _MORE,
    "cost.time.near": "Training took {own} against {theirs}, too near each other to call one faster.",
    "cost.time.overlap": "Training took {own} against {theirs}; the ranges overlap.",
    "cost.time.single": "Training took {own} against {theirs}, too few runs to call one faster.",
    "cost.search": "A run together with the search for its settings took {own} with {a} ({own_trials}) and {theirs} "
    "with {b} ({their_trials}).",
    "cost.search.unknown": "These times leave out the search for the settings: {own_trials} with {a}, {their_trials} "
    "with {b}.",
    "cost.predict.less": "It predicts faster: a test text took {own} against {theirs}" + _LESS,
    "cost.predict.more": "It predicts more slowly: a test text took {own} against {theirs}" + _MORE,
    "cost.alone": "Each of {number} intervals of times and memory holds by itself, at {confidence}. They are not "
    "corrected for their number.",
    "cost.memory.less": "It saves memory: the peak in training was {own} against {theirs}" + _LESS,
    "cost.memory.more": "It takes more memory: the peak in training was {own} against {theirs}" + _MORE,
    "cost.memory.near": "The peak of memory in training was {own} against {theirs}, too near each other to call one "
    "smaller.",
    "cost.memory.overlap": "The peak of memory in training was {own} against {theirs}; the ranges overlap.",
    "cost.memory.single": "The peak of memory in training was {own} against {theirs}, too few runs to call one "
    "smaller.",
    "cost.gpu.less": "It saves GPU memory: the peak in training was {own} against {theirs}" + _LESS,
    "cost.gpu.more": "It takes more GPU memory: the peak in training was {own} against {theirs}" + _MORE,
    "cost.gpu.near": "The peak of GPU memory in training was {own} against {theirs}, too near each other to call one "
    "smaller.",
    "cost.gpu.overlap": "The peak of GPU memory in training was {own} against {theirs}; the ranges overlap.",
    "cost.gpu.single": "The peak of GPU memory in training was {own} against {theirs}, too few runs to call one "
    "smaller.",
    # caveats, about baselines and what must not be missed
    **CAVEATS,
}  # fmt: skip

"""Every edit that a recipe knows, made on purpose in a learner's stead, is called wrong if it changes anything, and gets a true name."""

import numpy as np
import pytest
from tests.gradcheck.test_term import OPTIONS, arrays

from layerwise.gradcheck import TERMS, verify, verify_loss
from layerwise.gradcheck.report import RIGHT, WRONG
from layerwise.gradcheck.term import Case, Kitchen, edited, single_edits

SAMPLED = 3  # edits of each result; all of them together take minutes
NAMES = [name for name, recipe in TERMS.items() if recipe.guessable and name not in ("dropout", "l2_penalty", "l1_penalty")]


class Learner:
    """An op made from its recipe, with one edit in one of its gradients."""

    def __init__(self, name, result, edit):
        self.recipe, self.result, self.edit = TERMS[name], result, edit
        self.options = dict(OPTIONS.get(name, {}))

    def values(self, args):
        return {**self.recipe.options, **self.options, **dict(zip([*self.recipe.arrays, "y"], args, strict=False))}

    def forward(self, *args):
        return Kitchen(self.recipe, self.values(args)).total("out"), args

    def backward(self, dout, args):
        values = self.values(args) | ({} if dout is None else {"dout": dout})
        kitchen = Kitchen(self.recipe, values)
        return tuple(self.made(kitchen, values) if result == self.result else kitchen.total(result) for result in self.recipe.gradients())

    def made(self, kitchen, values):
        first, *others = edited(Case(kitchen, values, np.zeros(1)), self.result, (self.edit,))
        return np.asarray(sum(others, first))

    def loss(self, *args):
        return self.forward(*args)[0], *self.backward(None, args)

    def judged(self, name, args):
        if self.recipe.loss:
            return verify_loss(self.loss, *args, op=name, options=self.options)
        return verify(self.forward, self.backward, args, op=name, options=self.options)

    def changes(self, args):
        dout = None if self.recipe.loss else np.random.default_rng(1).normal(size=self.forward(*args)[0].shape)
        values = self.values(args) | ({} if dout is None else {"dout": dout})
        kitchen = Kitchen(self.recipe, values)
        right = kitchen.total(self.result)
        return np.linalg.norm(self.made(kitchen, values) - right) > 1e-5 * np.linalg.norm(right)


def sampled(name):
    rng, recipe = np.random.default_rng(len(name)), TERMS[name]
    args = [*arrays(recipe, rng).values()]
    if recipe.labels:
        args.append(rng.permutation([0, 1, 2, 4, 5]))
    elif recipe.targets or recipe.shares:
        args.append(rng.uniform(0.1, 0.9, size=(5, 6)))
    for result in recipe.gradients():
        edits = list(single_edits(recipe, result))
        for place in rng.permutation(len(edits))[:SAMPLED]:
            learner = Learner(name, result, edits[place])
            try:
                yield learner, args, learner.changes(args)
            except TypeError:  # an edit that these shapes do not allow
                continue


@pytest.mark.parametrize("name", NAMES)
def test_an_edit_is_called_wrong_and_named_if_it_changes_the_gradient(name):
    for learner, args, changes in sampled(name):
        report = learner.judged(name, args)
        assert report.verdict == WRONG or (report.verdict == RIGHT and not changes), (learner.edit, report)
        wrong = [learner.result] if report.verdict == WRONG else []  # fresh inputs may show what these do not
        assert [finding.result for finding in report.wrong] == wrong
        assert len(report.names) == len(wrong), (learner.edit, report)

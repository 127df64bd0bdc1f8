"""Whether a learner has written what a course left to them, told from the text."""

import ast

import pytest

from layerwise.courses.todo import open_todos, unwritten

BANNER = "    ####\n    # TODO: Implement it.  #\n    ####\n"
END = "    ####\n    #  END OF YOUR CODE  #\n    ####\n"
STARS = "    # *****START OF YOUR CODE (DO NOT DELETE)*****\n\n    pass\n\n    # *****END OF YOUR CODE*****\n"


def why(text):
    function = next(node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef))
    return unwritten(function, text)


STUBS = {
    "pass": "def f(x):\n    '''Doc.'''\n    pass\n",
    "docstring only": "def f(x):\n    '''Doc.'''\n",
    "raises": "def f(x):\n    grad = 0\n    # TODO\n    raise Exception('Not implemented!')\n    return grad\n",
    "raises its class": "def f(x):\n    raise NotImplementedError\n",
    "None": f"def f(x):\n    out = None\n{BANNER}    pass\n{END}    cache = (x,)\n    return out, cache\n",
    "None without an end": "def f(x):\n    out = None\n    # TODO: do it\n    #\n    return out\n",
    "None made from itself": "def f(x):\n    mask, out = None, None\n    if x:\n        pass\n    out = out.astype(x.dtype, copy=False)\n    return out, mask\n",
    "zeros": "def f(W):\n    loss, dW = 0.0, np.zeros_like(W)\n    for i in W:\n        loss += i\n    return loss, dW\n",
    "a result that is nothing yet": f"def f(x):\n    y = x * 2\n    grad = {{}}\n{BANNER}{STARS}{END}    return y, grad\n",
    "what a call gives is not used": f"def f(x):\n    seen = []\n    loss, grad = g(x)\n    seen.append(loss)\n{BANNER}    pass\n{END}    return seen\n",
    "parameters that are only converted": "def f(self):\n    self.p = {}\n"
    + BANNER
    + END
    + "    for k, v in self.p.items():\n        self.p[k] = v + 0\n",
    "nothing right above a TODO": "def f(x):\n    grad = 0\n\n    # TODO: work it out\n    if x != grad:\n        return False\n    return True\n",
    "gives 0": "def f(x):\n    # TODO: share of right answers\n    return 0\n",
    "one of two parts open": f"def f(x):\n{BANNER}    y = x\n{END}{BANNER}    pass\n{END}    return y\n",
}
WRITTEN = {
    "plain": "def f(x):\n    return x\n",
    "in its banner": f"def f(x):\n    out = None\n{BANNER}    out = x * 2\n{END}    return out\n",
    "with stars": f"def f(x):\n{BANNER}{STARS.replace('pass', 'y = x')}{END}    return y\n",
    "filled in place": "def f(W):\n    dW = np.zeros_like(W)\n    dW[0] = 1\n    return dW\n",
    "no TODO, gives nothing": "def f(self, X, y):\n    self.X_train = X\n    self.y_train = y\n",
    "above its banner": f"def f(x):\n    y = x * 2\n{BANNER}{STARS}{END}    return y\n",
    "above both its banners": f"def f(x):\n    y = x * 2\n{BANNER}    pass\n{END}    grads = {{}}\n    grads['x'] = y\n{BANNER}    pass\n{END}    return y, grads\n",
    "parameters above its banner": f"def f(self):\n    self.p = {{}}\n    self.p['w'] = 1\n{BANNER}    pass\n{END}",
    "in the loop above its banner": f"def f(W):\n    dW = np.zeros(W.shape)\n    for i in W:\n        dW[i] += 1\n{BANNER}    pass\n{END}    return dW\n",
    "nothing to set up": "def __init__(self):\n    pass\n",
    "starts at 0 above its TODO": "def f(x):\n    loss = 0\n    # TODO: add up\n    for one in x:\n        loss += one\n    return loss\n",
    "gives None at times": "def f(x):\n    out = None\n    for one in x:\n        out = one\n    return out\n",
    "a banner without an end": f"def f(x):\n{BANNER}    return x\n",
}


@pytest.mark.parametrize("text", STUBS.values(), ids=STUBS.keys())
def test_a_stub_is_known_by_what_it_leaves_out(text):
    assert why(text)


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN.keys())
def test_what_is_written_is_no_stub(text):
    assert why(text) is None


def test_open_todos_of_a_cell():
    assert open_todos("best = None\n# TODO: choose\n# of these\npass\n# END OF YOUR CODE\nprint(best)") == [2]
    assert open_todos("# TODO: choose\nbest = 3\n# END OF YOUR CODE") == []
    assert open_todos("x = 1\n# TODO: and now you") == [2]
    assert open_todos("# TODO: no end, and code\nx = 1") == []
    assert open_todos("nothing = 1") == []

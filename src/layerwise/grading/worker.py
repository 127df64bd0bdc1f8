"""The process in which one function of a learner's file runs: python -P -m layerwise.grading.worker.

It reads one JSON request from stdin, {"file", "names", "name" or null, "memory"}, and answers in one JSON line: what the file
defines, or the remarks on the function. What the learner's code prints is thrown away.
"""

import inspect
import json
import os
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.grading.learner import Learner, LearnerError, NotDoneError
from layerwise.grading.table import TASKS
from layerwise.grading.task import Task
from layerwise.grading.verdict import NOT_DONE, Remark, remark


def main() -> None:
    """Answer the request, then leave at once, whatever threads the learner's code has started."""
    request = json.loads(sys.stdin.read())
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    _silence()
    _limit(int(request["memory"]))
    result = _answer(request)
    answer.write(json.dumps(result) + "\n")
    answer.flush()
    os._exit(0)


def _silence() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        os.dup2(nothing, stream.fileno())
    warnings.simplefilter("ignore")


def _limit(megabytes: int) -> None:
    """A limit on memory, where the system has one."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))
    except (ImportError, ValueError, OSError):
        return


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        learner = Learner(Path(request["file"]), request["names"])
    except (LearnerError, NotDoneError) as error:
        return {"failed": str(error)}
    if request["name"] is None:
        return {"defined": sorted(name for name, value in vars(learner.module).items() if _is_own(value, learner.path))}
    remarks: list[Remark] = []
    try:
        with np.errstate(all="ignore"):
            task = _task(learner, request["name"])
            for one in task.judge(task, learner, request["name"]):
                remarks.append(one)  # what was found before an error is kept
    except NotDoneError as error:
        remarks.append(remark("not done", _sentence(error), verdict=NOT_DONE))
    except LearnerError as error:
        remarks.append(remark("error", _sentence(error)))
    except BaseException as error:  # of this check itself: it must not be put down to the learner
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = f"This could not be checked: {type(error).__name__}: {error} (in {Path(place.filename).name}, line {place.lineno})"
        remarks.append(remark("not checked", text, verdict=NOT_DONE))
    return {"remarks": [{"kind": one.kind, "lines": one.lines, "verdict": one.verdict} for one in remarks]}


def _sentence(error: Exception) -> str:
    text = str(error)
    return "I" + text[1:] if text.startswith("it ") else text  # names keep their small letters


def _task(learner: Learner, name: str) -> Task:
    """The task; of several with one name, that which the function has the parameters of."""
    tasks = TASKS[name]
    if len(tasks) == 1:
        return tasks[0]
    count = len(inspect.signature(learner.function(name)).parameters)
    fitting = [task for task in tasks if task.parameters == count]
    if not fitting:
        raise LearnerError(f"it has {count} parameters, where {' or '.join(task.signature for task in tasks)} is needed")
    return fitting[0]


def _is_own(value: Any, path: Path) -> bool:
    """Whether this is a function or a class of the file itself."""
    if inspect.isclass(value):
        return any(_is_own(method, path) for method in vars(value).values())
    code = getattr(inspect.unwrap(value) if inspect.isfunction(value) else None, "__code__", None)
    return code is not None and Path(code.co_filename) == path


if __name__ == "__main__":
    main()

"""Damaged model files by the thousand: half carry a right digest all the same, and half are aimed at what the formats count and name.

`python -m tests.models.mutation COUNT SEED` loads COUNT of them in a process whose memory is limited where the system can,
and prints a line of JSON. A pair of files must be loaded, or refused by a ModelFileError that names it, within a second.
"""

import copy
import faulthandler
import hashlib
import json
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from pathlib import Path

import numpy as np
from tests.data.mutation import NUMBERS, anywhere, limit_memory
from tests.models.released import MAKERS, settled

from layerwise.errors import ModelFileError
from layerwise.models.file import load

SECONDS = 1.0
PEAK = 24 << 20  # bytes that Python may allocate for files of a few thousand
HUGE = [-1, 0, 1, 2, 3, 7, 2**31 - 1, 2**31, 2**32, 2**53 + 1, 2**63 - 1, 2**63, 10**18, 10**40, -(2**63)]
DTYPES = ["F64", "F32", "F16", "BF16", "I64", "I8", "U8", "BOOL", "F8_E4M3", "F4", "object", "<f8", "", None, 3]
WORDS = [
    "dense",
    "conv",
    "batchnorm",
    "relu",
    "softmax",
    "svm",
    "float16",
    "float64",
    "object",
    "same",
    "he_normal",
    "Sequential",
    "SVMModel",
]
WORDS += ["__class__", "__init__", "../../etc/passwd", "pickle", "\0", "é", "a" * 3000, "1e999", "nan"]
JUNK = [None, True, False, 0.5, -0.5, 1e308, 5e-324, [], {}, [[]], [0], {"kind": "dense"}, [10**9], [2**31, 2**31], "x"]


TEXTS = [
    b"NaN",
    b"1e999",
    b"0" * 50,
    b"9" * 5000,
    b"-",
    b"0x1",
    b"[" * 100_000,
    b"[" * 900 + b"]" * 900,
    b'{"a":' * 900 + b"1" + b"}" * 900,
]


def pair(name):
    """(description, arrays) as they are saved, in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        settled(MAKERS[name]()).save(Path(folder, "net"))
        return Path(folder, "net.json").read_bytes(), Path(folder, "net.safetensors").read_bytes()


PAIRS = {name: pair(name) for name in MAKERS}


def sealed(header, arrays):
    """The description with the arrays' true size and digest in it; as it is where it is no JSON of ours any more."""
    try:
        content = json.loads(header)
        content["arrays"] |= {"bytes": len(arrays), "sha256": hashlib.sha256(arrays).hexdigest()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return header
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")


def places(value, path=()):
    """Every path into nested dicts and lists."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places(item, (*path, key))


def pick(rng, choices):
    return copy.deepcopy(choices[int(rng.integers(len(choices)))])


def nested(rng):
    """A value that is deep, or wide."""
    value = pick(rng, JUNK)
    for _ in range(int(rng.choice([1, 3, 100]))):
        value = [value] if rng.random() < 0.5 else {"a": value}
    return value if rng.random() < 0.8 else [pick(rng, JUNK) for _ in range(5000)]


def other(value, rng):
    """Something in the place of a value: a number for a number most often, and so on."""
    if rng.random() < 0.15:
        return nested(rng)
    if isinstance(value, bool) or value is None or rng.random() < 0.2:
        return pick(rng, JUNK + WORDS + HUGE)
    if isinstance(value, int):
        return pick(rng, HUGE) if rng.random() < 0.6 else value + int(rng.integers(-2, 3))
    if isinstance(value, float):
        return pick(rng, [*HUGE, 0.0, -value, 1e308, -1e-308])
    if isinstance(value, str):
        return pick(rng, WORDS + DTYPES)
    if isinstance(value, list) and value:
        return pick(rng, [value[:-1], value[::-1], value * 2, [*value, pick(rng, HUGE)], [pick(rng, HUGE) for _ in value]])
    return pick(rng, JUNK)


def in_tree(tree, rng):
    """One or two values changed, lost, doubled or renamed, in nested dicts and lists."""
    for _ in range(int(rng.choice([1, 1, 1, 2]))):
        found = list(places(tree))
        if not found:
            return tree
        *path, last = pick(rng, found)
        place = tree
        for key in path:
            place = place[key]
        match int(rng.integers(8)):
            case 0:
                del place[last]
            case 1 if isinstance(place, dict):
                place[str(last) + pick(rng, ["", "x", "_", " "])] = place.pop(last)
            case 2 if isinstance(place, list):
                place.insert(int(rng.integers(len(place) + 1)), copy.deepcopy(place[last]))
            case 3 if isinstance(place, dict):
                place[pick(rng, WORDS)] = pick(rng, JUNK)
            case _:
                place[last] = other(place[last], rng)
    return tree


def in_description(header, arrays, rng):
    """The description, its own fields or the model's."""
    content = json.loads(header)
    content = in_tree(content, rng) if rng.random() < 0.25 else content | {"document": in_tree(content["document"], rng)}
    text = json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return (text.replace(b": 0", b": " + pick(rng, TEXTS), 1) if rng.random() < 0.1 else text), arrays


def in_arrays(header, arrays, rng):
    """What the safetensors file says of its arrays, their bytes, or both lengths."""
    length = int.from_bytes(arrays[:8], "little")
    text, body = arrays[8 : 8 + length], arrays[8 + length :]
    match int(rng.integers(6)):
        case 0:
            number = pick(rng, [*NUMBERS, length - 1, length + 1, len(arrays) - 8, len(arrays), 2**64 - 1])
            return header, number.to_bytes(8, "little") + text + body
        case 1:
            return header, arrays[:8] + text + pick(rng, [body[:-1], body + b"\0", b"", body * 2])
        case 2:
            at = int(rng.integers(max(1, len(body) - 8)))
            special = pick(rng, [np.nan, np.inf, -np.inf, 3e38, 1e-45])
            return header, arrays[:8] + text + body[:at] + np.array(special, "<f4").tobytes() + body[at + 4 :]
    entries = json.loads(text)
    name = pick(rng, sorted(entries))
    if rng.random() < 0.5:
        entry = entries[name]
        field = pick(rng, ["dtype", "shape", "data_offsets"])
        entry[field] = pick(rng, DTYPES) if field == "dtype" else other(entry[field], rng)
        if field == "shape" and isinstance(entry["shape"], list) and entry["shape"] and rng.random() < 0.3:
            entry["shape"] = pick(rng, [[*entry["shape"], 1], [1] * 40 + entry["shape"], [*entry["shape"], 0, 2**62]])
    else:
        entries = in_tree(entries, rng)
    text = json.dumps(entries, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return header, len(text).to_bytes(8, "little") + text + body


def aimed(header, arrays, rng):
    return (in_description if rng.random() < 0.6 else in_arrays)(header, arrays, rng)


def blind(header, arrays, rng):
    return (anywhere(header, rng), arrays) if rng.random() < 0.5 else (header, anywhere(arrays, rng))


def damaged(number, rng):
    """The number's pair: aimed or blind, and re-sealed or not, each by turns."""
    name = list(PAIRS)[number % len(PAIRS)]
    turn = number // len(PAIRS)
    header, arrays = (aimed if turn % 2 else blind)(*PAIRS[name], rng)
    return sealed(header, arrays) if turn // 2 % 2 else header, arrays


def run(count, seed=0, read=load, *, trace=False):
    """Load `count` damaged pairs: how many were loaded and refused, and what went wrong, by the pair's number."""
    outcomes, failures = Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "net")
        for number in range(count):
            header, arrays = damaged(number, np.random.default_rng([seed, number]))
            path.with_suffix(".json").write_bytes(header)
            path.with_suffix(".safetensors").write_bytes(arrays)
            if trace:
                tracemalloc.start()
            start = time.process_time()
            try:
                read(path)
                outcomes["loaded"] += 1
            except ModelFileError as error:
                outcomes["refused"] += 1
                if str(path) not in str(error):
                    failures.append(f"{number}: does not name the file: {error}")
                if "\n" in str(error) or len(str(error)) > 2000:
                    failures.append(f"{number}: is no sentence: {str(error)[:200]!r} ({len(str(error))})")
            except Exception as error:  # whatever else it is, it is what is looked for
                failures.append(f"{number}: {type(error).__name__}: {str(error)[:200]}")
            seconds = time.process_time() - start
            if seconds > SECONDS:
                failures.append(f"{number}: took {seconds:.1f} s")
            if trace:
                peak = tracemalloc.get_traced_memory()[1]
                tracemalloc.stop()
                if peak > PEAK:
                    failures.append(f"{number}: took {peak >> 20} MB")
        if left := sorted({item.name for item in Path(folder).iterdir()} - {"net.json", "net.safetensors"}):
            failures.append(f"files were made: {left}")
    return outcomes, failures


def largest():
    """The most memory that this process ever had, in bytes; None where the system does not say."""
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def watched(path):
    """load, for a process of its own: one that hangs ends with the place where it does."""
    faulthandler.dump_traceback_later(60, exit=True)
    try:
        load(path)
    finally:
        faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    run(len(PAIRS) * 8)  # what is imported late is there before the limit
    before = largest()
    limited = limit_memory()
    done, wrong = run(int(sys.argv[1]), int(sys.argv[2]), watched)
    grown = None if before is None else largest() - before
    print(json.dumps({"limited": limited, "outcomes": done, "failures": wrong, "grown": grown}))

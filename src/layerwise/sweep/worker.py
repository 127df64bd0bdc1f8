"""Who trains the chunks: anything with map(run, chunks) -> rows of each chunk, as they come."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol

from layerwise.errors import DivergenceWarning
from layerwise.sweep.chunk import Chunk
from layerwise.sweep.trial import Row

TICK = 0.25  # seconds between two looks at how far the workers are

Run = Callable[[Chunk], list[Row]]


class Executor(Protocol):
    """map calls run for each chunk and yields what it returns, in any order; tick is called now and then, halt before it gives up."""

    def map(self, run: Run, chunks: Iterable[Chunk], *, tick: Callable[[], None], halt: Callable[[], None]) -> Iterator[list[Row]]: ...


@contextlib.contextmanager
def one_thread_each() -> Iterator[None]:
    """BLAS takes one thread per product, and members that diverge are told of by their rows alone.

    Both belong to the process, not to a thread: enter this where the threads are started from.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", DivergenceWarning)
        yield


class Threads:
    """One thread per worker, each with one thread of BLAS: all read the same data, and none copies it."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def map(self, run: Run, chunks: Iterable[Chunk], *, tick: Callable[[], None], halt: Callable[[], None]) -> Iterator[list[Row]]:
        with one_thread_each(), ThreadPoolExecutor(self.workers, "sweep") as pool:
            pending: set[Future[list[Row]]] = {pool.submit(run, chunk) for chunk in chunks}
            try:
                while pending:
                    done, pending = wait(pending, timeout=TICK, return_when=FIRST_COMPLETED)
                    tick()
                    for future in done:
                        yield future.result()
            except BaseException:  # also Ctrl-C: the threads are told to stop, and waited for
                halt()
                for future in pending:
                    future.cancel()
                raise


class Serial:
    """One chunk after another in the thread that asks."""

    workers = 1

    def map(self, run: Run, chunks: Iterable[Chunk], *, tick: Callable[[], None], halt: Callable[[], None]) -> Iterator[list[Row]]:
        with one_thread_each():
            for chunk in chunks:
                yield run(chunk)
                tick()

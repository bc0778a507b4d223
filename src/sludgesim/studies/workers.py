"""Who runs the parts of a study: this process, processes on this machine, or a Dask cluster."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import active_children, get_context, parent_process
from pathlib import Path
from typing import Any
from uuid import uuid4

from sludgesim.errors import InputError, Problem, SludgesimError
from sludgesim.scenario.wording import shown
from sludgesim.studies.cases import BLOCK
from sludgesim.studies.plan import Part, Task, run_task

PART = 1000  # cases of a part file
_AHEAD = 2  # parts per worker that wait or run: bounds the memory
_JOBS_PER_CORE = 8  # more is a slip
_SECONDS_TO_CONNECT = 10
# Each has a level of its own once Dask is imported.
_LOGGERS = ("distributed", "distributed.client", "distributed.core", "distributed.comm", "tornado")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

Done = tuple[int, Part]


@dataclass(frozen=True)
class Execution:
    """How a study is run; nothing in it changes the results.

    `jobs` processes on this machine, or the workers of a Dask cluster at `scheduler`. With `store`,
    a directory, the cases stream to Parquet files of `part` cases each there, and a study that was
    interrupted goes on where it was.
    """

    jobs: int = 1
    scheduler: str = ""
    store: Path | None = None
    part: int = PART

    def __post_init__(self) -> None:
        if self.jobs < 1:
            raise InputError(Problem(f"{self.jobs} jobs", "--jobs", allowed="1 or more"))
        most = _JOBS_PER_CORE * (os.cpu_count() or 1)
        if self.jobs > most:
            raise InputError(Problem(f"{self.jobs} jobs", "--jobs", allowed=f"at most {most} here"))
        if self.jobs > 1 and self.scheduler:
            raise InputError(Problem("--jobs and --scheduler are both given", "--jobs"))

    @property
    def cases_per_part(self) -> int:
        """Cases that are run together."""
        return BLOCK if self.store is None else self.part


HERE = Execution()


def run_tasks(tasks: Iterator[Task], execution: Execution) -> Generator[Done, None, None]:
    """Run parts of a study; yields number and outcome of each as it is done, each once.

    Parameters
    ----------
    tasks : taken only as fast as they are run
    execution : who runs them

    Errors: InputError for a scheduler that does not answer or has no workers; SludgesimError where
    workers died or run another version.
    """
    if execution.scheduler:
        return _on_cluster(tasks, execution)
    if execution.jobs > 1:
        return _in_processes(tasks, execution)
    return ((task.number, run_task(task)) for task in tasks)


def _prepare_process() -> None:
    """Set up a process of the pool: it has no life of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told, and ends the pool
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


@contextmanager
def _one_thread_each() -> Generator[None, None, None]:
    """Processes started in here use one thread; BLAS reads the environment, once, at its start."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _stopped(why: str, execution: Execution) -> SludgesimError:
    """The error of a study that lost who ran it, with what becomes of the parts that are done."""
    if execution.store is None:
        kept = "with --format parquet finished parts are kept and the study can be resumed"
    else:
        kept = "finished parts are kept, the same command goes on from there"
    return SludgesimError(f"{why}; {kept}")


def _in_processes(tasks: Iterator[Task], execution: Execution) -> Generator[Done, None, None]:
    jobs = execution.jobs
    others = set(active_children())
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _prepare_process)
    with _one_thread_each():
        for _ in range(jobs):
            pool.submit(os.getpid)  # starts a process
    running = {pool.submit(run_task, t): t.number for t in islice(tasks, jobs * _AHEAD)}
    try:
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                number = running.pop(future)
                result = future.result()
                for task in islice(tasks, 1):
                    running[pool.submit(run_task, task)] = task.number
                yield number, result
    except BrokenProcessPool:
        why = "a process of --jobs was killed (is there memory enough?)"
        raise _stopped(why, execution) from None
    finally:
        if running:  # interrupted, or an error: nobody waits for what they are at
            for process in set(active_children()) - others:
                process.terminate()
        pool.shutdown(wait=not running, cancel_futures=True)


@contextmanager
def _silent_distributed() -> Generator[None, None, None]:
    """Nothing of Dask's own in the log: what goes wrong is said in one sentence, as an error."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _on_cluster(tasks: Iterator[Task], execution: Execution) -> Generator[Done, None, None]:
    address = execution.scheduler
    client = _connected(address)
    from distributed import CancelledError, KilledWorker, as_completed

    study, ahead = uuid4().hex, _AHEAD * sum(client.nthreads().values())
    running: dict[Any, int] = {}

    def submit(task: Task) -> Any:
        return client.submit(run_task, task, key=f"{study}-{task.number}")

    with _silent_distributed():
        try:
            running = {submit(t): t.number for t in islice(tasks, ahead)}
            waiting = as_completed(list(running), loop=client.loop)
            for future in waiting:
                try:
                    result = future.result()
                except (CancelledError, OSError):
                    why = f"the scheduler at {shown(address, 200)} is gone"
                    raise _stopped(why, execution) from None
                number = running.pop(future)
                for task in islice(tasks, 1):
                    new = submit(task)
                    running[new] = task.number
                    waiting.add(new)
                yield number, result
        except KilledWorker:
            why = "workers died, again and again, at one part (is there memory enough?)"
            raise _stopped(why, execution) from None
        finally:
            client.cancel(list(running), force=True)
            client.close()


def _connected(address: str) -> Any:
    """A client of a cluster that has workers."""
    try:
        from distributed import Client
        from distributed.comm import get_address_host_port
    except ImportError:
        message = "a cluster needs Dask: pip install 'sludgesim[cluster]'"
        raise InputError(Problem(message, "--scheduler")) from None
    allowed = "the address that `dask scheduler` prints, such as tcp://host:8786"
    try:
        get_address_host_port(address)  # a client of an address that is none leaves threads behind
        client = Client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        message = f"no scheduler at {shown(address, 200)}: {shown(reason, 200)}"
        raise InputError(Problem(message, "--scheduler", allowed=allowed)) from None
    try:
        client.wait_for_workers(1, timeout=_SECONDS_TO_CONNECT)
    except TimeoutError:
        client.close()
        message = f"the scheduler at {shown(address, 200)} has no workers"
        raise InputError(
            Problem(message, "--scheduler", allowed="`dask worker ADDRESS`, started before")
        ) from None
    return client

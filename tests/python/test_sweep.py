"""kraftsim.sweep: the same for any number of jobs, columns without copies, and a way out."""
from __future__ import annotations

import gc
import threading
import time
import _thread

import numpy as np
import pytest

import kraftsim

PLAIN = {"int64": np.int64, "uint64": np.uint64, "bool": np.bool_}


def columns(table: kraftsim.Table) -> dict[str, list]:
    return {name: list(column) for name, column in dict(table).items() if name != "wall_ns"}


def tables(sweep: kraftsim.Sweep) -> list[kraftsim.Table]:
    return [sweep.runs, sweep.failovers, sweep.batches, sweep.operations]


@pytest.fixture(scope="module")
def sweep() -> kraftsim.Sweep:
    return kraftsim.sweep({
        "version": 1,
        "name": "leader_killed",
        "description": "The active controller is killed; a second one soon after, so that the quorum is lost.",
        "duration": "24s",
        "coordination": ["kraft", "zookeeper"],
        "cluster": {"brokers": {"count": 3, "config": {"zookeeper.session.timeout.ms": 6000}}},
        "workload": [{"create_topics": {"every": "500ms"}}],
        "faults": [{"at": "4s", "crash": {"node": "active_controller"}},
                   {"at": "12s", "crash": {"node": "active_controller"}}],
    }, seeds=range(1, 9), jobs=2)


def test_rows_stand_by_seed_and_coordination(sweep):
    assert len(sweep) == 16
    assert list(sweep.runs["seed"]) == [seed for seed in range(1, 9) for _ in range(2)]
    assert sweep.runs["coordination"] == ("kraft", "zookeeper") * 8
    assert set(sweep.runs["verdict"]) == {"held"}
    assert repr(sweep).startswith("<sweep of leader_killed: 16 runs, 16 held, ")


def test_rows_are_those_of_single_runs(sweep):
    for row in (0, 5, 15):
        run = kraftsim.run(sweep.scenario, sweep.runs["seed"][row], coordination=sweep.runs["coordination"][row])
        assert sweep.runs["digest"][row] == run.digest
        assert sweep.runs["events"][row] == run.events
        for table in tables(sweep)[1:]:
            mine = np.flatnonzero(np.asarray(table["run"]) == row)
            for metric in (metric.name for metric in kraftsim.metrics() if metric.name in table):
                assert [table[metric][i] for i in mine] == list(run.column(metric)), metric
        elected = [failover["phases"]["elected"] for failover in run.failovers]
        assert elected == list(run.column("elected"))


def test_every_metric_is_a_column(sweep):
    for metric in kraftsim.metrics():
        [table] = [table for table in tables(sweep) if metric.name in table]
        assert table[metric.name].unit == metric.unit
        assert np.shares_memory(np.asarray(table[metric.name]), np.asarray(sweep.column(metric.name)))
    with pytest.raises(KeyError, match="elektion"):
        sweep.column("elektion_latency")


def test_any_number_of_jobs_gives_the_same(sweep):
    alone = kraftsim.sweep(sweep.scenario, range(1, 9), jobs=1)
    for ours, theirs in zip(tables(sweep), tables(alone), strict=True):
        assert columns(ours) == columns(theirs)


@pytest.mark.parametrize("seeds, expected", [
    ((3, 5), [3, 4, 5]),
    (range(3, 6), [3, 4, 5]),
    (range(1, 7, 2), [1, 3, 5]),
    ([9, 2, 3, 4], [9, 2, 3, 4]),
    (iter([2**64 - 1]), [2**64 - 1]),
    ({7: "x"}, [7]),
])
def test_forms_of_seeds(leader_killed, seeds, expected):
    swept = kraftsim.sweep(leader_killed | {"duration": "1s", "faults": []}, seeds, coordination="kraft")
    assert list(swept.runs["seed"]) == expected
    assert set(swept.runs["coordination"]) == {"kraft"}


def test_columns_are_shared_and_read_only(sweep):
    for table in tables(sweep):
        for column in dict(table).values():
            if isinstance(column, tuple):
                assert all(isinstance(text, str) for text in column)
                continue
            array = np.asarray(column)
            assert (array.dtype, array.shape) == (PLAIN[column.dtype], (len(table),))
            assert array.tolist() == [kraftsim.MISSING if value is None else value for value in column]
            assert np.shares_memory(array, np.asarray(table[column.name])) or len(table) == 0
            assert not array.flags.writeable
            with pytest.raises(ValueError):
                array.setflags(write=True)
            with pytest.raises(TypeError):
                memoryview(column)[0] = 1


def test_an_array_outlives_its_sweep(leader_killed):
    swept = kraftsim.sweep(leader_killed, (1, 4), coordination="kraft")
    array = np.asarray(swept.column("commit_latency"))
    before = array.tolist()
    del swept
    gc.collect()
    np.random.default_rng(0).integers(0, 9, array.size * 4)  # something else wants memory
    assert array.tolist() == before


def test_missing_values(sweep):
    expired = sweep.column("session_expired")  # a phase of ZooKeeper's
    valid = np.asarray(expired.valid)
    kraft = np.array(sweep.failovers["coordination"]) == "kraft"
    assert valid.dtype == np.bool_ and valid.any() and not valid[kraft].any()
    assert np.all(np.asarray(expired)[~valid] == kraftsim.MISSING)
    assert np.array_equal(np.isnat(np.asarray(expired).view("timedelta64[ns]")), ~valid)
    assert [value is None for value in expired] == (~valid).tolist()
    assert sweep.failovers["run"].valid is None


def test_a_table_without_rows(leader_killed):
    swept = kraftsim.sweep(leader_killed | {"faults": []}, (1, 2), coordination="kraft")
    assert len(swept.failovers) == 0
    assert np.asarray(swept.failovers["elected"]).shape == (0,)
    assert np.asarray(swept.failovers["elected"].valid).shape == (0,)


def test_column_indices_and_names(sweep):
    column = sweep.runs["events"]
    assert column[-1] == column[len(column) - 1] == list(column)[-1]
    assert repr(column) == "<column events uint64[16] count>"
    with pytest.raises(IndexError):
        column[16]
    with pytest.raises(KeyError, match="evnts"):
        sweep.runs["evnts"]
    assert "seed" in sweep.runs and "evnts" not in sweep.runs
    assert list(sweep.failovers) == list(sweep.failovers.keys())


def test_pandas(sweep):
    pandas = pytest.importorskip("pandas")
    frame = sweep.failovers.to_pandas()
    assert list(frame.columns) == list(sweep.failovers)
    assert frame["session_expired"].dtype == pandas.Int64Dtype()
    assert frame["session_expired"].isna().sum() == (~np.asarray(sweep.failovers["session_expired"].valid)).sum()
    assert sweep.runs.to_pandas()["seed"].dtype == np.uint64
    assert frame["elected"].dropna().tolist() == [ns for ns in sweep.failovers["elected"] if ns is not None]


def test_what_is_no_sweep(leader_killed):
    with pytest.raises(ValueError, match="no seeds"):
        kraftsim.sweep(leader_killed, [])
    with pytest.raises(ValueError, match="jobs"):
        kraftsim.sweep(leader_killed, (1, 2), jobs=0)
    with pytest.raises(ValueError, match="this scenario is for"):
        kraftsim.sweep(leader_killed, (1, 2), coordination="raft")
    with pytest.raises(ValueError, match="seed -1: it must be from 0"):
        kraftsim.sweep(leader_killed, [-1])


def test_progress(leader_killed):
    told: list[tuple[int, int]] = []
    caller = threading.get_ident()

    def progress(done: int, planned: int) -> None:
        assert threading.get_ident() == caller
        told.append((done, planned))

    kraftsim.sweep(leader_killed, (1, 20), progress=progress)
    assert told[-1] == (40, 40)
    assert sorted(told) == told and {planned for _, planned in told} == {40}


def test_what_progress_raises_ends_the_sweep(leader_killed):
    def progress(done: int, planned: int) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        kraftsim.sweep(leader_killed, (1, 4), progress=progress)


def test_other_threads_go_on_meanwhile(endless):
    """A second Python thread counts while this one sweeps, until it interrupts it: the GIL is free."""
    ticks = 0

    def count() -> None:
        nonlocal ticks
        for _ in range(20):
            time.sleep(0.01)
            ticks += 1
        _thread.interrupt_main()

    threading.Thread(target=count).start()
    with pytest.raises(KeyboardInterrupt):
        kraftsim.sweep(endless, (1, 4))
    assert ticks == 20


def test_interrupt(endless):
    threading.Timer(0.3, _thread.interrupt_main).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        kraftsim.sweep(endless, (1, 1000), jobs=2)
    assert time.monotonic() - began < 0.3 + 2.0

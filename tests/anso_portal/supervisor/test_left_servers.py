"""Servers that an earlier start left."""

import os
import shutil
import subprocess
import time

import pytest

from anso_portal.supervisor import binaries, places, processes, servers, startup


@pytest.fixture(scope="module")
def cluster():
    folder = places.short_folder()
    account = places.postgres_account(folder / "pg")
    server = servers.Postgres(
        places.private_folder(folder / "pg", account),
        places.reachable_programs(binaries.postgres_programs(), folder, account),
        account=account,
        settings=servers.THROW_AWAY,
    )
    server.prepare(sync=False)
    yield server
    shutil.rmtree(folder)


def run_server(server, tries: int = 1) -> subprocess.Popen:
    for _ in range(tries):
        process = processes.spawn(
            server.command, account=server.account, env=server.environment, cwd="/", stderr=subprocess.DEVNULL
        )
        if processes.wait_until(lambda: server.is_ready() or process.poll() is not None, 20) and process.poll() is None:  # noqa: B023 (asked at once)
            return process
        time.sleep(1)
    raise AssertionError("PostgreSQL did not start.")


def test_left_postgres_is_stopped(cluster):
    left = run_server(cluster)

    cluster.stop_stale()

    assert left.wait(5) == 0
    assert not (cluster.data / "postmaster.pid").exists()


def test_killed_postgres_is_no_hindrance(cluster):
    run_server(cluster).kill()
    assert processes.wait_until(lambda: not cluster.is_ready(), 10)

    cluster.stop_stale()
    again = run_server(cluster, tries=startup.TRIES)

    cluster.create_database()
    cluster.create_database()
    assert processes.stop(again, cluster.death_signal, 10)


def test_number_of_a_left_postgres_may_be_another_process_by_now(cluster):
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")

    cluster.stop_stale()

    assert not (cluster.data / "postmaster.pid").exists()


def test_data_of_another_version_are_told(cluster, monkeypatch):
    monkeypatch.setattr(servers, "major_version", lambda program: 99)

    with pytest.raises(
        servers.ServerProblem, match=r"made by PostgreSQL \d+, but the programs found are of PostgreSQL 99"
    ):
        cluster.prepare()


def test_half_made_cluster_is_made_again(cluster, tmp_path):
    """The folder gets its name when it is whole, so nobody takes a half for it."""
    half = cluster.folder / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    whole = servers.Postgres(cluster.folder, cluster.programs, account=cluster.account)
    whole.data = cluster.folder / "second"

    whole.prepare(sync=False)

    assert (whole.data / "global/pg_control").exists()
    assert not half.exists()


def test_left_valkey_is_stopped():
    folder = places.short_folder()
    server = servers.Valkey(folder / "kv", binaries.valkey_server(), save="")
    server.prepare()
    left = processes.spawn(server.command, stdout=subprocess.DEVNULL)
    try:
        assert processes.wait_until(server.is_ready, 10)

        server.stop_stale()

        assert left.wait(5) == 0
    finally:
        left.kill()
        shutil.rmtree(folder)

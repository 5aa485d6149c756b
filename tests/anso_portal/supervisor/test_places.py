"""Where the supervisor finds programs, and puts sockets and data."""

import os
import socket
from pathlib import Path

import pytest

from anso_portal.supervisor import addresses, binaries, places, servers

# --- Places


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/srv/anso/.anso/pg/.s.PGSQL.5432", False),
        ("/" + "x" * 99, False),
        ("/" + "x" * 100, True),
        ("/" + "я" * 60, True),
        ("/my clone/s.sock", True),
        ("/100%/s.sock", True),
        ("/a?b#c/s.sock", True),
    ],
)
def test_awkward_socket(path, answer):
    assert places.awkward(Path(path)) is answer


def test_short_folder_is_ours_alone(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / ("x" * 80)))

    folder = places.short_folder()
    try:
        assert folder.parent == Path("/tmp")
        assert folder.stat().st_mode & 0o077 in (0, 0o011)
        assert folder.stat().st_uid == os.geteuid()
    finally:
        folder.rmdir()


def test_private_folder_mends_an_open_one(tmp_path):
    (tmp_path / "open").mkdir(mode=0o755)

    assert places.private_folder(tmp_path / "open").stat().st_mode & 0o777 == 0o700


def test_private_folder_where_a_file_stands_is_told(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(places.PlaceProblem, match="file/inner cannot be used"):
        places.private_folder(tmp_path / "file/inner")


# --- Binaries


def test_wheels_come_first():
    assert binaries.postgres_programs() == binaries.wheel_postgres()
    assert binaries.valkey_server() == binaries.wheel_valkey()


def fake_postgres(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    for name in ("postgres", "pg_dump", "psql", "pg_restore"):
        (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """No wheels, and no programs but those that a test makes."""
    monkeypatch.setattr(binaries, "_package", lambda name: None)
    monkeypatch.setattr(binaries, "machine_postgres", list)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def test_machine_is_asked_where_there_are_no_wheels(bare, monkeypatch):
    old, new = fake_postgres(bare / "14", "14.9"), fake_postgres(bare / "16", "16.1 (Debian 16.1-1)")
    monkeypatch.setattr(binaries, "machine_postgres", lambda: [old, new])
    (bare / "bin").mkdir()
    (bare / "bin/redis-server").touch(mode=0o755)

    assert binaries.postgres_programs() == new
    assert binaries.valkey_server() == bare / "bin/redis-server"


def test_no_server_names_three_ways_out(bare):
    for find, address in ((binaries.postgres_programs, "DATABASE_URL"), (binaries.valkey_server, "REDIS_URL")):
        with pytest.raises(binaries.ServerMissing, match=f"requirements-embedded.*on this machine.*{address}"):
            find()


def test_too_old_postgres_is_none(bare, monkeypatch):
    monkeypatch.setattr(binaries, "machine_postgres", lambda: [fake_postgres(bare / "14", "14.9")])

    with pytest.raises(binaries.ServerMissing, match="PostgreSQL 15 or later"):
        binaries.postgres_programs()


def test_clients_are_not_older_than_the_server(bare, monkeypatch):
    old, new = fake_postgres(bare / "15", "15.2"), fake_postgres(bare / "18", "18.1")
    monkeypatch.setattr(binaries, "machine_postgres", lambda: [old, new])

    assert binaries.postgres_clients(at_least=15) == old
    assert binaries.postgres_clients(at_least=18) == new
    with pytest.raises(binaries.ServerMissing, match="PostgreSQL 19 or later"):
        binaries.postgres_clients(at_least=19)


def test_a_program_that_does_not_run_here_is_no_program(tmp_path):
    (tmp_path / "postgres").write_bytes(b"\x7fELF of another machine")
    (tmp_path / "postgres").chmod(0o755)

    assert binaries.major_version(tmp_path / "postgres") == 0


# --- Locale


@pytest.mark.parametrize(
    ("version", "provider"), [(16, []), (18, ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"])]
)
def test_letters_are_known_but_sorting_is_by_bytes(version, provider):
    options = servers.locale_options(version)

    assert options[0] == "--locale=C"
    assert options[1].upper().endswith("UTF-8")
    assert options[2:] == provider


# --- Addresses


def test_first_free_port_is_taken_and_kept(monkeypatch):
    monkeypatch.setattr(addresses, "LAST", addresses.FIRST + 50)
    first, second = addresses.Address(), addresses.Address()

    assert addresses.FIRST <= first.port < second.port
    assert first.url == f"http://127.0.0.1:{first.port}"
    with pytest.raises(addresses.PortTaken, match=str(first.port)):
        addresses.Address(first.port)
    with socket.socket() as visitor:
        assert visitor.connect_ex(("127.0.0.1", first.port)) != 0  # Nobody listens before the portal is ready.


@pytest.mark.parametrize("port", [-1, 65536])
def test_impossible_port_is_told(port):
    with pytest.raises(addresses.PortTaken, match="There is no port"):
        addresses.Address(port)

import json
import os

import pytest
from django.core.management import call_command
from django.db.models.functions import Now

from anso_portal import environment, health
from anso_portal.supervisor.processes import boot_id, start_time
from notifications.models import Heartbeat


@pytest.fixture
def alive(db):
    Heartbeat.objects.bulk_create([Heartbeat(name=name, seen_at=Now()) for name in health.PROCESSES])


@pytest.fixture
def state(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "STATE_DIR", tmp_path)
    monkeypatch.setattr(environment, "ALONE", False)

    def write(**pids):
        started = {name: start_time(pid) for name, pid in pids.items()}
        facts = {"portal_url": "http://127.0.0.1:8000", "pids": pids, "started": started, "boot_id": boot_id()}
        (tmp_path / "state.json").write_text(json.dumps(facts))
        return tmp_path / "state.json"

    return write


def status(capsys) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        call_command("status")
    return ended.value.code, capsys.readouterr().out


def test_status_is_well(alive, state, capsys):
    state(web=os.getpid())

    code, said = status(capsys)

    assert code == 0
    assert f"web             process {os.getpid()}" in said
    assert "http://127.0.0.1:8000" in said
    assert "oldest_due_mail well      0 s" in said


def test_status_on_a_server_without_up_asks_the_parts_only(alive, state, capsys):
    assert status(capsys)[0] == 0


def test_status_tells_of_a_silent_worker(alive, state, capsys):
    Heartbeat.objects.filter(name="worker").delete()

    code, said = status(capsys)

    assert code == 1
    assert "worker          NOT WELL  never seen" in said


def test_status_knows_a_process_from_a_later_one_of_its_number(alive, state, capsys):
    path = state(web=os.getpid())
    path.write_text(path.read_text().replace(start_time(os.getpid()), "1"))

    code, said = status(capsys)

    assert code == 1
    assert "web             does not run" in said


def test_status_without_a_portal(settings, monkeypatch, state, capsys):
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.dummy")

    assert status(capsys) == (1, "The portal does not run here. bin/up starts it.\n")

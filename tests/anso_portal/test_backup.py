import io
import json
import shutil
import tarfile

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now
from django.test import override_settings

from accounts.models import User
from anso_portal import backups
from anso_portal.closing import erase_account
from anso_portal.history import guard
from anso_portal.models import ClosedAccount
from anso_portal.supervisor.servers import APPLICATION
from notifications.models import Delivery
from vocabularies.models import Country

pytestmark = pytest.mark.owner


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker, tmp_path_factory):
    """A backup of one account, three mails and one file; made once, and the database is empty again."""
    folder = tmp_path_factory.mktemp("backup")
    logo = folder / "media/logos/łogo.txt"
    logo.parent.mkdir(parents=True)
    logo.write_text("a logo")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=str(folder / "media")):
        user = User.objects.create_user("ada@example.org", "three green engines", name="Ada")
        for number, state in enumerate(("pending", "retry", "sent")):
            sent_at = Now() if state == "sent" else None
            Delivery.objects.create(
                address="a@example.org", purpose="t", idem=str(number), message_id="<1@x>", state=state, sent_at=sent_at
            )
        call_command("backup", str(folder / "portal.tar"))
        Delivery.objects.all().delete()
        user.delete()
    return folder / "portal.tar"


@pytest.fixture
def files(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    logo = tmp_path / "media/logos/łogo.txt"
    logo.parent.mkdir(parents=True)
    logo.write_text("changed")
    return tmp_path


@pytest.fixture
def backup(made, files):
    return shutil.copy2(made, files / "portal.tar")


def contents(path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {entry.name: tar.extractfile(entry).read() for entry in tar}


def rewritten(path, change) -> None:
    parts = contents(path)
    change(parts)
    with tarfile.open(path, "w") as tar:
        for name, data in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))


def test_backup_holds_database_files_and_their_checksums(backup):
    parts = contents(backup)
    manifest = json.loads(parts["manifest.json"])

    assert parts.keys() == {"database.dump", "media/logos/łogo.txt", "manifest.json"}
    assert manifest["files"].keys() == {"database.dump", "media/logos/łogo.txt"}
    assert manifest["tables"]["accounts_user"] == 1
    assert manifest["tables"]["notifications_delivery"] == 3
    assert "accounts.0001_initial" in manifest["migrations"]
    assert backup.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in backup.parent.glob(".portal.tar*")] == []


def test_restore_brings_back_records_and_files(transactional_db, backup, files):
    User.objects.create_user("eve@example.org", "three green engines")
    (files / "media/new.txt").write_text("new")

    call_command("restore", str(backup), "--replace")

    assert list(User.objects.values_list("email", "name")) == [("ada@example.org", "Ada")]
    assert User.objects.get().check_password("three green engines")
    assert [path.name for path in backups.media_files()] == ["łogo.txt"]
    assert (files / "media/logos/łogo.txt").read_text() == "a logo"
    assert User.objects.create_user("bob@example.org", "three green engines").pk > User.objects.get(name="Ada").pk


def test_restore_holds_the_mails_that_waited(transactional_db, backup, capsys):
    call_command("restore", str(backup), "--replace")

    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["held", "held", "sent"]
    assert not Delivery.objects.due().exists()
    assert "2 mails that waited when the backup was made are held" in capsys.readouterr().out


def test_restore_does_not_bring_back_whom_was_erased_since(transactional_db, backup, capsys):
    call_command("restore", str(backup), "--replace")
    ada = User.objects.get(name="Ada")
    other = User.objects.create_user("eve@example.org", "three green engines")
    for user in (ada, other):  # the other has no row in the backup
        erase_account(user=user, by=user)

    call_command("restore", str(backup), "--replace")

    assert [user.name for user in User.objects.all()] == [f"Former user {ada.pk}"]
    assert ClosedAccount.objects.get().user == ada
    assert "Accounts erased once more, as they were after the backup was made: 1." in capsys.readouterr().out


def test_restore_leaves_a_newcomer_who_got_the_number_of_somebody_erased(transactional_db, backup):
    call_command("restore", str(backup), "--replace")
    ada = User.objects.get(name="Ada")
    User.objects.filter(pk=ada.pk).update(joined_at="2020-01-01T00:00Z")
    erase_account(user=ada, by=ada)

    call_command("restore", str(backup), "--replace")

    assert User.objects.get().name == "Ada"


def test_restore_twice_is_restore_once(transactional_db, backup):
    call_command("restore", str(backup), "--replace")
    call_command("backup", str(backup))
    call_command("restore", str(backup), "--replace")

    assert User.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'public'")
        assert cursor.fetchone()[0] == "pg_database_owner"


def test_restore_refuses_records_that_are_there(db, backup):
    User.objects.create_user("eve@example.org", "three green engines")

    with pytest.raises(CommandError, match="add --replace"):
        call_command("restore", str(backup))

    assert User.objects.count() == 1


@pytest.mark.parametrize("name", ["database.dump", "media/logos/łogo.txt"])
def test_restore_refuses_a_changed_part(db, backup, name):
    rewritten(backup, lambda parts: parts.update({name: parts[name][:-1] + b"?"}))

    with pytest.raises(CommandError, match="damaged"):
        call_command("restore", str(backup), "--replace")

    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["database.dump", "media/logos/łogo.txt", "manifest.json"])
def test_restore_refuses_a_missing_part(db, backup, name):
    rewritten(backup, lambda parts: parts.pop(name))

    with pytest.raises(CommandError, match="damaged"):
        call_command("restore", str(backup), "--replace")


@pytest.mark.parametrize("name", ["media/extra.txt", "/etc/extra", "media/../../extra"])
def test_restore_refuses_a_part_too_many(db, backup, name):
    rewritten(backup, lambda parts: parts.update({name: b"extra"}))

    with pytest.raises(CommandError, match="damaged"):
        call_command("restore", str(backup), "--replace")


def test_restore_refuses_half_a_file(db, backup):
    backup.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])

    with pytest.raises(CommandError, match=r"damaged|cannot be read"):
        call_command("restore", str(backup), "--replace")


def test_restore_refuses_what_is_no_backup(db, files):
    with pytest.raises(CommandError, match="cannot be read as a backup"):
        call_command("restore", str(files / "nothing.tar"))


def test_restore_refuses_a_later_version(db, backup):
    def later(parts):
        manifest = json.loads(parts["manifest.json"])
        manifest["migrations"].append("accounts.9999_later")
        parts["manifest.json"] = json.dumps(manifest).encode()

    rewritten(backup, later)

    with pytest.raises(CommandError, match=r"later version of the portal \(accounts.9999_later"):
        call_command("restore", str(backup), "--replace")


def test_restore_that_counts_wrong_changes_nothing(transactional_db, backup, files):
    """The count is the last step, so this is also what any failure on the way does."""

    def miscount(parts):
        manifest = json.loads(parts["manifest.json"])
        manifest["tables"]["accounts_user"] = 2
        parts["manifest.json"] = json.dumps(manifest).encode()

    rewritten(backup, miscount)
    User.objects.create_user("eve@example.org", "three green engines", name="As it was")

    with pytest.raises(CommandError, match=r"it is as it was[\s\S]*accounts_user has 1 rows, not 2"):
        call_command("restore", str(backup), "--replace")

    assert User.objects.get().name == "As it was"
    assert (files / "media/logos/łogo.txt").read_text() == "changed"


def test_backup_that_fails_leaves_the_older_one(transactional_db, backup, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "portal.tar")

    before = backup.read_bytes()
    monkeypatch.setattr(backups, "add", full)

    with pytest.raises(CommandError, match=r"portal.tar: No space left on device"):
        call_command("backup", str(backup))

    assert backup.read_bytes() == before
    assert [path.name for path in backup.parent.glob(".portal.tar*")] == []


def test_backup_needs_a_folder(db, files):
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("backup", str(files / "nowhere/portal.tar"))


def test_rows_of_migrations_outlive_a_test_that_commits(transactional_db):
    """The tests above have emptied the tables; other tests count on the countries."""
    assert Country.objects.filter(code="PK").exists()


def test_after_a_restore_the_portal_reads_and_writes_but_cannot_change_the_history(transactional_db, backup):
    call_command("restore", str(backup), "--replace")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege(%s, 'accounts_user', 'UPDATE'), has_table_privilege(%s, 'pghistory_context', 'INSERT')",
            [APPLICATION, APPLICATION],
        )
        assert cursor.fetchone() == (True, True)
    assert not guard.may_rewrite(APPLICATION)

import pytest
from django.core.management import CommandError, call_command

from members.management.commands import import_ror
from members.models import Institution
from members.ror.report import Report
from tests.members.ror_records import CAS, UST, lines_file, record

pytestmark = pytest.mark.django_db


def run(path, *options, capsys):
    call_command("import_ror", str(path), *options)
    return capsys.readouterr().out


def test_closing_table_counts_and_names_what_was_refused(tmp_path, capsys):
    path = lines_file(tmp_path, [record(CAS), "{broken", record("034t30j36"), record(UST, locations=[])], packed=True)

    said = run(path, capsys=capsys)

    lines = [line.split() for line in said.splitlines()]
    assert ["created", "1"] in lines
    assert ["refused", "3"] in lines
    assert ["no", "country", "1"] in lines
    assert "line 2: not valid JSON, Expecting property name enclosed in double quotes at character 2" in said
    assert "line 3: https://ror.org/034t30j36, the ROR id is wrong" in said
    assert f"line 4: {UST}, no country" in said


def test_run_again_and_dry_run(tmp_path, capsys):
    path = lines_file(tmp_path, [record(CAS)])

    dry = run(path, "--dry-run", capsys=capsys)
    assert "nothing was changed" in dry
    assert not Institution.objects.exists()
    first = run(path, "--batch", "1", capsys=capsys)
    assert dry.split("\n\n")[0] == first.rstrip("\n")
    assert ["unchanged", "1"] in [line.split() for line in run(path, capsys=capsys).splitlines()]


@pytest.mark.parametrize("options", [["--batch", "0"], ["--batch", "many"]])
def test_batch_is_a_number_above_nothing(tmp_path, options):
    with pytest.raises(CommandError, match="--batch"):
        call_command("import_ror", str(lines_file(tmp_path, [])), *options)


def test_missing_file_is_said_in_a_sentence(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_ror", str(tmp_path / "missing"))


def test_cut_off_file_is_an_error_after_the_table(tmp_path, capsys):
    path = tmp_path / "array.json"
    path.write_text("[]"[:1])

    with pytest.raises(CommandError, match="ends too early"):
        call_command("import_ror", str(path))
    assert "created" in capsys.readouterr().out


def test_ctrl_c_says_that_the_same_command_goes_on(tmp_path, monkeypatch):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(import_ror, "import_file", interrupted)

    with pytest.raises(CommandError, match="goes on from here") as stopped:
        call_command("import_ror", str(lines_file(tmp_path, [record()])))
    assert stopped.value.returncode == 130


class Terminal(list):
    def isatty(self):
        return True

    def write(self, text, **_style):
        self.append(text)

    def flush(self):
        pass


def test_terminal_shows_a_bar_and_a_log_a_line_at_times(monkeypatch):
    shown = Terminal()
    monkeypatch.setattr(import_ror.sys, "stderr", shown)
    import_ror.Progress(shown, lambda: 0.5)(Report(created=1000))
    assert "50%  1,000 records" in shown[0]
    assert "█" * 15 + "░" * 15 in shown[0]

    logged = Terminal()
    monkeypatch.setattr(shown, "isatty", lambda: False, raising=False)
    monkeypatch.setattr(Terminal, "isatty", lambda self: False)
    progress = import_ror.Progress(logged, lambda: 0.5)
    progress(Report(created=1000))
    assert logged == []
    progress.last -= import_ror.INTERVAL
    progress(Report(created=2000))
    assert logged[0].startswith("50%: 2,000 records")

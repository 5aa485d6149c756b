import gzip
import json
import random

import pytest

from members.ror import reading
from members.ror.reading import DAMAGED, NOT_JSON, TOO_LONG, NotReadable, RorFile
from tests.members.ror_records import CAS, RAS, UST, lines_file, record

RECORDS = [record(CAS), record(UST), record(RAS, name="Российская академия наук")]


def read(path):
    with RorFile(path) as file:
        return list(file), file


def texts():
    lines = "".join(json.dumps(item) + "\n" for item in RECORDS)
    return {
        "lines": lines,
        "lines with gaps, Windows ends and a byte order mark": "\ufeff" + lines.replace("\n", "\r\n\r\n"),
        "compact array": json.dumps(RECORDS),
        "array printed over many lines": "\ufeff \n" + json.dumps(RECORDS, indent=4, ensure_ascii=False),
        "one record after the other, without brackets": "\n".join(json.dumps(item, indent=2) for item in RECORDS),
    }


@pytest.mark.parametrize("chunk", [reading.CHUNK, 7])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("text", texts().values(), ids=texts().keys())
def test_every_form_gives_the_same_records(tmp_path, monkeypatch, text, packed, chunk):
    monkeypatch.setattr(reading, "CHUNK", chunk)
    path = tmp_path / "no-telling-name"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())

    entries, file = read(path)

    assert [entry.record for entry in entries] == RECORDS
    assert not file.damaged


def test_lines_are_numbered_as_an_editor_shows_them(tmp_path):
    entries, file = read(lines_file(tmp_path, [RECORDS[0], "", RECORDS[1]]))

    assert [entry.number for entry in entries] == [1, 3]
    assert file.unit == "line"


@pytest.mark.parametrize(
    "broken", ['{"id": "https', "no JSON", '{"id": 1} {"id": 2}', "[" * 100_000], ids=["cut", "text", "two", "deep"]
)
def test_broken_line_is_told_and_the_rest_goes_on(tmp_path, broken):
    entries, _file = read(lines_file(tmp_path, [RECORDS[0], broken, RECORDS[1]]))

    assert [(entry.number, entry.reason) for entry in entries] == [(1, ""), (2, NOT_JSON), (3, "")]
    assert entries[2].record == RECORDS[1]


def test_endless_line_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "RECORD_LIMIT", 5000)
    entries, _file = read(lines_file(tmp_path, [RECORDS[0], "x" * 12_000, RECORDS[1]]))

    assert [(entry.number, entry.reason) for entry in entries] == [(1, ""), (2, TOO_LONG), (3, "")]


@pytest.mark.parametrize("chunk", [reading.CHUNK, 50])
@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize(
    "breaking", [('"names"', 'names"'), ("},", ","), ('"status": "', '"status": "\n'), ('"id": ', '"id" ')]
)
def test_broken_record_of_an_array_is_told_and_the_rest_goes_on(tmp_path, monkeypatch, breaking, indent, chunk):
    monkeypatch.setattr(reading, "CHUNK", chunk)
    monkeypatch.setattr(reading, "RECORD_LIMIT", 5000)
    path = tmp_path / "array.json"
    texts = [json.dumps(item, indent=indent) for item in RECORDS]
    texts[1] = texts[1].replace(*breaking, 1)
    path.write_text("[" + ",\n".join(texts) + "]")

    entries, file = read(path)

    assert [(entry.number, entry.reason) for entry in entries] == [(1, ""), (2, NOT_JSON), (3, "")]
    assert entries[2].record == RECORDS[2]
    assert not file.damaged


def test_broken_record_of_an_array_is_told_with_its_line(tmp_path):
    path = tmp_path / "array.json"
    path.write_text('[\n{"id": 1},\n{"id": oops},\n' + json.dumps(RECORDS[0]) + "\n]")

    entries, _file = read(path)

    assert entries[1].detail == "Expecting value in line 3 of the file"
    assert entries[2].record == RECORDS[0]


def test_cut_off_archive_gives_what_it_holds(tmp_path):
    path = lines_file(tmp_path, [record(established=random.random()) for _ in range(2000)], packed=True)
    path.write_bytes(path.read_bytes()[:-5000])

    entries, file = read(path)

    assert file.damaged
    assert entries[-1].reason == DAMAGED
    assert 1000 < len(entries) < 2000


def test_array_without_end_is_damaged(tmp_path):
    path = tmp_path / "array.json"
    path.write_text(json.dumps(RECORDS)[:-1])

    entries, file = read(path)

    assert [entry.reason for entry in entries] == ["", "", "", DAMAGED]
    assert file.damaged


@pytest.mark.parametrize("content", [b"PK\x03\x04rest", b"\x1f\x8bno gzip at all"])
def test_what_cannot_be_read_at_all_is_said_in_a_sentence(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)

    with pytest.raises(NotReadable, match=r"(unpack it|damaged)"):
        RorFile(path)


def test_missing_and_empty_files(tmp_path):
    with pytest.raises(NotReadable, match="No such file"):
        RorFile(tmp_path / "missing")
    (tmp_path / "empty").touch()
    assert read(tmp_path / "empty")[0] == []


def test_memory_holds_a_stretch_of_an_array_only(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 1000)
    path = tmp_path / "array.json"
    path.write_text(json.dumps(RECORDS * 200))
    held = []
    grow = reading._Window._grow
    monkeypatch.setattr(reading._Window, "_grow", lambda window: (grow(window), held.append(len(window._text)))[0])

    assert len(read(path)[0]) == 600
    assert max(held) < 10_000

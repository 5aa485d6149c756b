import re
from urllib.parse import unquote

import pytest
from django.http import HttpResponse

from toolkit.downloads import attachment, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("members.csv", "members.csv"),
        ('a"b.csv', "a b.csv"),
        ("a\r\nSet-Cookie: x=1.csv", "aSet-Cookie x=1.csv"),
        ("a; filename=evil.exe.csv", "a filename=evil.exe.csv"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\u2066a\u2069.csv", "a.csv"),
        ("../../etc/passwd", "etc passwd"),
        ("C:\\x\\y.csv", "C x y.csv"),
        ("a\x00b\x1b[31m.csv", "ab[31m.csv"),
        ("a\u200bb.csv", "ab.csv"),
        ("a%0d%0ab.csv", "a 0d 0ab.csv"),
        ("$(reboot).csv", "(reboot).csv"),
        (".htaccess", "htaccess"),
        ("...", "file"),
        ("", "file"),
        ("\r\n", "file"),
        ("中国科学院.csv", "中国科学院.csv"),
        ("E\u0301cole.csv", "École.csv"),
        ("x" * 500 + ".csv", "x" * 120 + ".csv"),
        ("a." + "y" * 500, "a." + "y" * 10),
        ("\ud800.csv", "csv"),
    ],
)
def test_t43_name_of_a_download_is_one_safe_line(name, safe):
    assert safe_name(name) == safe
    value = attachment(name)
    HttpResponse()["Content-Disposition"] = value  # Django refuses a line break

    plain, other = re.fullmatch(
        r"""attachment; filename="([ -~]*)"(?:; filename\*=UTF-8''([\w%.()!~-]+))?""", value
    ).groups()
    assert '"' not in plain
    assert "\\" not in plain
    assert unquote(other) == safe if other else plain == safe


def test_t43_name_in_another_script_has_a_plain_stand_in():
    assert attachment("中国科学院.csv") == (
        "attachment; filename=\"file.csv\"; filename*=UTF-8''%E4%B8%AD%E5%9B%BD%E7%A7%91%E5%AD%A6%E9%99%A2.csv"
    )
    assert attachment("École.csv") == "attachment; filename=\"Ecole.csv\"; filename*=UTF-8''%C3%89cole.csv"

import pytest

from toolkit.addresses import one_spelling


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("ada@example.org", "ada@example.org"),
        (" Ada.Lovelace@EXAMPLE.org ", "ada.lovelace@example.org"),
        ("info@BÜCHER.de", "info@xn--bcher-kva.de"),
        ("info@ｅｘａｍｐｌｅ.org", "info@example.org"),
        ("info@ﬁrm.example", "info@firm.example"),
    ],
)
def test_t34_address_has_one_spelling(written, spelled):
    assert one_spelling(written) == spelled
    assert one_spelling(spelled) == spelled


@pytest.mark.parametrize(
    "written",
    [
        *["", "@", "ada", "ada@", "@example.org", "a@b..c", "a@" + "x" * 64 + ".de"],
        *["ﬁ@example.org", "adaı@example.org", "\u212aim@example.org", "\u017fam@example.org", "straße@example.org"],
        *["İ@example.org", "ａda@example.org"],
    ],
)
def test_t34_what_only_looks_like_an_address_is_none(written):
    assert one_spelling(written) is None

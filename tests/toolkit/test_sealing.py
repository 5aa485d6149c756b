from toolkit.sealing import seal, unseal


def test_what_was_sealed_can_be_read_here_and_differs_each_time():
    assert unseal(seal("BCDF-GHJK ключ")) == "BCDF-GHJK ключ"
    assert seal("x") != seal("x")
    assert "BCDF" not in seal("BCDF-GHJK")


def test_another_key_reads_nothing_and_a_fallback_reads_what_was(settings):
    sealed, first = seal("secret"), settings.SECRET_KEY
    settings.SECRET_KEY = "another key of thirty-two characters or more"
    assert unseal(sealed) is None

    settings.SECRET_KEY_FALLBACKS = [first]
    assert unseal(sealed) == "secret"


def test_what_is_not_sealed_reads_as_nothing():
    assert [unseal(text) for text in ("", "plain", "gAAAA", "ключ")] == [None] * 4

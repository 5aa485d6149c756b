import pytest
from django.core.cache import cache
from django.test import RequestFactory

from anso_portal.adapter import AccountAdapter
from toolkit.network import client_address, client_network


def request_from(remote, forwarded=None):
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    return RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers)


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        (0, None, "198.51.100.1"),
        (0, "203.0.113.9", "198.51.100.1"),
        (1, None, "198.51.100.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "192.0.2.66, 203.0.113.9", "203.0.113.9"),
        (2, "192.0.2.66, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "192.0.2.66", "198.51.100.1"),
        (1, "", "198.51.100.1"),
        (1, "unknown", "198.51.100.1"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "[2001:DB8::0:1]:4711", "2001:db8::1"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "x" * 100_000, "198.51.100.1"),
    ],
)
def test_t32_only_what_a_proxy_of_ours_has_seen_counts(settings, trusted, forwarded, address):
    settings.TRUSTED_PROXIES = trusted

    request = request_from("198.51.100.1", forwarded)

    assert client_address(request) == address
    assert AccountAdapter(request).get_client_ip(request) == address


def test_t32_visitor_without_an_address_has_one_all_the_same():
    assert client_address(request_from("")) == "0.0.0.0"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
    ],
)
def test_t32_addresses_of_one_household_count_together(address, network):
    assert client_network(request_from(address)) == network


@pytest.mark.django_db
@pytest.mark.parametrize(("trusted", "refused"), [(0, True), (1, False)])
def test_t32_forged_header_does_not_reset_the_throttle_of_sign_ins(client, settings, trusted, refused):
    """By address and by network: each try is for another account, so only the network is the same."""
    cache.clear()
    settings.TRUSTED_PROXIES = trusted
    answers = [
        client.post(
            "/accounts/login/",
            {"login": f"nobody{n}@example.org", "password": "wrong"},
            headers={"x-forwarded-for": f"203.0.113.{n}"},
        )
        for n in range(31)
    ]

    assert any("Too many" in answer.content.decode() for answer in answers) is refused

"""Many invitations from a CSV file: shown line by line, then sent, whatever the program that wrote the file."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from members.forms.invitation_list import MOST_LINES, decoded, read_lines
from members.models import Invitation
from notifications.models import Delivery
from tests.factories import InstitutionFactory, InstitutionRoleFactory, InvitationFactory, UserFactory
from tests.pages import body, heading, words

pytestmark = pytest.mark.django_db

ADDRESS = "/desk/institution/aw/people/invite/many/"
GOOD = "email,role,name\na@example.org,editor,Amina\nb@example.org,focal point,\n"
ROLES = ["editor", "focal_point"]


@pytest.fixture
def focal_point(client):
    role = InstitutionRoleFactory(institution=InstitutionFactory(slug="aw", name="Academy of Water"))
    client.force_login(role.user)
    return role


def upload(client, data, address=ADDRESS, name="list.csv"):
    file = SimpleUploadedFile(name, data if isinstance(data, bytes) else data.encode(), content_type="text/csv")
    return client.post(address, {"file": file})


def problems(text, roles=ROLES):
    return {line.number: line.problems for line in read_lines(text, roles) if line.problems}


def test_list_is_shown_before_anything_is_sent(client, focal_point):
    page = upload(client, GOOD)

    assert page.status_code == 200
    assert heading(page) == "Check the list"
    assert "2 invitations are ready; nothing has been sent yet." in words(page)
    assert "a@example.org editor Amina" in words(page)
    assert not Invitation.objects.exists()


def test_what_was_shown_is_sent_when_it_is_confirmed_once(client, focal_point):
    text = upload(client, GOOD).context["text"]

    page = client.post(ADDRESS, {"text": text}, follow=True)
    again = client.post(ADDRESS, {"text": text}, follow=True)

    assert "2 invitations are on their way." in words(page)
    assert "All of them are invited already; nothing was sent." in words(again)
    found = Invitation.objects.order_by("email").values_list("email", "role", "name", "institution__slug")
    assert list(found) == [("a@example.org", "editor", "Amina", "aw"), ("b@example.org", "focal_point", "", "aw")]
    assert Delivery.objects.count() == 2


def test_lines_with_problems_say_which_and_are_left_out(client, focal_point):
    InvitationFactory(institution=focal_point.institution, email="waits@example.org")
    text = (
        "email,role,name,language\n"
        "good@example.org,editor,,\n"
        "nonsense,editor,,\n"
        "c@example.org,king,,\n"
        "waits@example.org,editor,,\n"
        "good@example.org,Editor,,\n"
    )

    page = upload(client, text)

    assert "1 invitation is ready" in words(page)
    assert "3 lines have problems and are left out." in words(page)
    assert "“nonsense” is no e-mail address." in words(page)
    assert "The role is one of: editor, focal point." in words(page)
    assert "waits already" in words(page)
    assert "Line 2 says the same." in words(page)
    client.post(ADDRESS, {"text": page.context["text"]})
    assert set(Invitation.objects.values_list("email", flat=True)) == {"good@example.org", "waits@example.org"}


@pytest.mark.parametrize(
    "data",
    [
        GOOD.encode("utf-8-sig"),
        GOOD.encode("utf-16"),
        GOOD.replace(",", ";").encode(),
        GOOD.replace(",", "\t").encode(),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\r").encode(),
        b'"E-Mail";"Role";"Name"\n"a@example.org";"Editor";"Amina"\n"b@example.org";"focal_point";""\n\n;;\n',
        b"name,role,email\nAmina,editor,a@example.org\n,focal-point,b@example.org\n",
    ],
)
def test_file_of_any_program_is_read(data):
    lines = read_lines(decoded(data), ROLES)

    assert [(line.email, line.role, line.name) for line in lines] == [
        ("a@example.org", "editor", "Amina"),
        ("b@example.org", "focal_point", ""),
    ]
    assert not any(line.problems for line in lines)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The submitted file is empty."),
        (b"PK\x03\x04\x00\x00\xff\xfe", "no CSV file in UTF-8"),
        (b"email,role\na@example.org,editor\x00", "no CSV file in UTF-8"),
        ("email,role\nJosé,editor".encode("latin-1"), "no CSV file in UTF-8"),
        (b"address,role\na@example.org,editor", "this is missing: email"),
        (b"email\na@example.org", "this is missing: role"),
        (b"email,role\n", "no lines below"),
        (b'email,role\n"a@example.org,editor', "quotation mark"),
        (b"email,role\n" + b"a@example.org,editor\n" * (MOST_LINES + 1), "500 lines at most"),
        (b"email,role\n" + b" " * 300_000, "too large"),
    ],
)
def test_file_that_is_no_list_is_refused_in_plain_words(client, focal_point, data, said):
    page = upload(client, data)

    assert page.status_code == 422
    assert words(page).count(said) >= 2
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝"])
def test_cells_that_a_table_program_would_compute_are_refused(sign):
    """T26"""
    assert problems(f"email,role,name\na@example.org,editor,{sign}HYPERLINK(1)\n") == {
        2: [f"A name does not begin with “{sign}”."]
    }
    assert 2 in problems(f"email,role\n{sign}cmd|x@example.org!,editor\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",editor,,", "The address is missing."),
        ("a@example.org,deputy,,", "named for an absence"),
        ("a@example.org,officer,,", "The role is one of"),
        ("a@example.org,editor,<script>,", "<"),
        ("a@example.org,editor,,not a language", "no language code"),
        ("a@example.org,editor," + "x" * 201 + ",", "too long"),
        ("a" * 250 + "@example.org,editor,,", "no e-mail address"),
    ],
)
def test_what_is_wrong_stands_beside_the_line(line, said):
    """T23"""
    (found,) = problems(f"email,role,name,language\n{line}\n").values()
    assert said in " ".join(found)


def test_shown_text_is_text(client, focal_point):
    """T19"""
    page = upload(client, 'email,role,name\n"<img src=x onerror=alert(1)>",editor,"<script>alert(1)</script>"\n')

    assert "<script>alert" not in body(page)
    assert "<img src=x" not in body(page)


def test_list_that_was_changed_on_the_way_is_checked_again(client, focal_point):
    """T17"""
    client.post(ADDRESS, {"text": "email,role\na@example.org,officer\nb@example.org,editor\n"})
    assert list(Invitation.objects.values_list("email", "role")) == [("b@example.org", "editor")]

    assert client.post(ADDRESS, {"text": "\x00"}).status_code == 422
    assert client.post(ADDRESS, {"text": "nonsense"}).status_code == 422
    assert client.post(ADDRESS, {}).status_code == 422


def test_deputy_sends_lists_of_editors(client, focal_point):
    from toolkit.clock import database_today

    deputy = InstitutionRoleFactory(institution=focal_point.institution, role="deputy", ends_on=database_today())
    client.force_login(deputy.user)

    page = upload(client, GOOD)

    assert "1 line has a problem" in words(page)


@pytest.mark.parametrize(("who", "code"), [("editor", 403), ("stranger", 404), ("anonymous", 302)])
def test_others_send_no_list(client, focal_point, who, code):
    client.logout()
    if who == "editor":
        client.force_login(InstitutionRoleFactory(institution=focal_point.institution, role="editor").user)
    elif who == "stranger":
        client.force_login(UserFactory())

    assert upload(client, GOOD).status_code == code
    assert client.post(ADDRESS, {"text": GOOD}).status_code == code
    assert not Invitation.objects.exists()


def test_longest_list_is_sent_as_a_whole(client, focal_point):
    text = "email,role\n" + "".join(f"p{n}@example.org,editor\n" for n in range(MOST_LINES))

    page = client.post(ADDRESS, {"text": text}, follow=True)

    assert "500 invitations are on their way." in words(page)


def test_administrator_invites_officers_from_a_list(client):
    client.force_login(UserFactory(roles=["administrator"]))
    text = "email,role\na@example.org,programme officer\nb@example.org,reviewer\nc@example.org,editor\n"

    page = upload(client, text, "/desk/roles/invite/many/")
    client.post("/desk/roles/invite/many/", {"text": page.context["text"]})

    assert "The role is one of: programme officer, reviewer, administrator." in words(page)
    assert set(Invitation.objects.values_list("role", "institution")) == {("officer", None), ("reviewer", None)}

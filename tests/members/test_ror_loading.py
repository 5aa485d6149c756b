import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.actions.names import keep_names
from members.models import Institution, InstitutionIdentifier, InstitutionName, InstitutionRelation
from members.ror import import_records, loading, writing
from members.ror.loading import TWICE
from tests.factories import InstitutionFactory
from tests.members.ror_records import CAS, RAS, UST, name, place, record, related
from vocabularies.models import Source

pytestmark = pytest.mark.django_db


def names_of(ror):
    return set(InstitutionName.objects.filter(institution__ror=ror).values_list("kind", "value", "origin"))


def relations():
    return set(InstitutionRelation.objects.values_list("institution__ror", "kind", "other__ror", "origin"))


def counts(report):
    return report.created, report.updated, report.unchanged, report.refused.total()


def held(ror=CAS):
    return Institution.objects.get(ror=ror)


def test_new_record_becomes_an_institution_with_all_that_belongs_to_it():
    names = [
        name("CAS", "acronym"),
        name("Chinese Academy of Sciences", "ror_display", "label", lang="en"),
        name("中国科学院", "label", lang="zh"),
    ]
    report = import_records(
        [record(names=names, external_ids=[{"type": "grid", "preferred": None, "all": ["grid.9227.e"]}])]
    )

    institution = held()
    assert counts(report) == (1, 0, 0, 0)
    assert (institution.name, institution.acronym, institution.slug) == (
        "Chinese Academy of Sciences",
        "CAS",
        "chinese-academy-of-sciences",
    )
    assert (institution.kind, institution.scope, institution.record_status) == ("government", "national", "active")
    assert (institution.country_id, institution.city, institution.established) == ("CN", "Beijing", 1949)
    assert institution.source == Source.objects.get(slug="ror")
    assert (institution.source_seen_on, institution.source_urls) == (
        datetime.date(2026, 2, 24),
        [f"https://ror.org/{CAS}"],
    )
    assert names_of(CAS) == {
        ("acronym", "CAS", "ror"),
        ("display", "Chinese Academy of Sciences", "ror"),
        ("label", "中国科学院", "ror"),
    }
    assert list(InstitutionIdentifier.objects.values_list("scheme", "value")) == [("grid", "grid.9227.e")]


def test_columns_are_those_that_keep_names_writes():
    import_records(
        [
            record(
                names=[
                    name("B", "acronym"),
                    name("Äcademy", "ror_display"),
                    name("A", "acronym"),
                    name("科学院", "alias"),
                ]
            )
        ]
    )
    institution = held()
    bulk = (institution.name, institution.acronym, institution.sort_key, institution.names_folded)

    keep_names(institutions=[institution])

    institution.refresh_from_db()
    assert (institution.name, institution.acronym, institution.sort_key, institution.names_folded) == bulk
    assert institution.acronym == "B"
    assert institution.names_folded == f"academy b a 科学院 {CAS}"


def test_second_run_leaves_everything_alone():
    items = [record(CAS, relationships=[related("child", UST)]), record(UST, relationships=[related("parent", CAS)])]
    import_records(items)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        report = import_records(items)

    assert counts(report) == (0, 0, 2, 0)
    assert (report.relations_made, report.relations_ended) == (0, 0)
    assert not [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_changed_record_is_updated_and_what_is_ours_stays():
    import_records(
        [record(types=["government"], external_ids=[{"type": "isni", "preferred": None, "all": ["1", "2"]}])]
    )
    Institution.objects.update(kind="academy", scope="international", description="Ours.", slug="cas")
    InstitutionIdentifier.objects.create(institution=held(), scheme="wikidata", value="Q30261")

    report = import_records(
        [
            record(
                name="The Academy",
                status="inactive",
                types=["facility"],
                links=[],
                established=None,
                locations=[place("CN", "Shanghai")],
                external_ids=[{"type": "isni", "preferred": None, "all": ["2", "3"]}],
            )
        ]
    )

    institution = held()
    assert counts(report) == (0, 1, 0, 0)
    assert (institution.kind, institution.scope, institution.description, institution.slug) == (
        "academy",
        "international",
        "Ours.",
        "cas",
    )
    assert (institution.name, institution.record_status, institution.city) == ("The Academy", "inactive", "Shanghai")
    assert institution.ror_types == ["facility"]
    assert (institution.website, institution.established) == ("https://www.cas.cn/", 1949)
    assert names_of(CAS) == {("display", "The Academy", "ror")}
    assert set(institution.identifiers.values_list("scheme", "value")) == {
        ("isni", "2"),
        ("isni", "3"),
        ("wikidata", "Q30261"),
    }


def test_what_the_institution_has_stated_itself_stays():
    import_records([record()])
    Institution.objects.filter(ror=CAS).update(
        own_facts=["place", "website"], city="Huairou", latitude=None, longitude=None, website="https://own.example.org"
    )
    moved = record(locations=[place("CN", "Shanghai", 31.2, 121.5)], established=1950)

    import_records([moved])

    institution = held()
    assert (institution.city, institution.latitude, institution.website, institution.established) == (
        "Huairou",
        None,
        "https://own.example.org",
        1950,
    )


def test_names_of_the_portal_stay_and_its_display_name_wins():
    institution = InstitutionFactory(
        ror=CAS, name="Our Name", acronym="ON", names=[("Chinese Academy of Sciences", "en", "alias")]
    )

    import_records(
        [record(names=[name("Chinese Academy of Sciences", "ror_display", lang="en"), name("CAS", "acronym")])]
    )

    institution.refresh_from_db()
    assert (institution.name, institution.acronym) == ("Our Name", "ON")
    assert institution.names_folded == f"our name on chinese academy of sciences cas {CAS}"
    assert names_of(CAS) == {
        ("display", "Our Name", "portal"),
        ("acronym", "ON", "portal"),
        ("alias", "Chinese Academy of Sciences", "portal"),
        ("label", "Chinese Academy of Sciences", "ror"),
        ("acronym", "CAS", "ror"),
    }


def test_names_that_ror_dropped_go_and_those_that_stay_keep_their_rows():
    import_records([record(names=[name("One", "ror_display"), name("Old", "alias"), name("Stays", "alias")])])
    key = InstitutionName.objects.get(value="Stays").pk

    import_records([record(names=[name("Two", "ror_display"), name("One", "alias"), name("Stays", "alias")])])

    assert names_of(CAS) == {("display", "Two", "ror"), ("alias", "One", "ror"), ("alias", "Stays", "ror")}
    assert InstitutionName.objects.get(value="Stays").pk == key
    assert held().names_folded == f"two stays one {CAS}"


def test_slugs_follow_the_rule_and_meet_no_other():
    InstitutionFactory(slug="institute-of-physics")
    import_records(
        [
            record(CAS, name="Institute of Physics"),
            record(UST, name="Institute of Physics"),
            record(RAS, name="Российская академия наук"),
        ]
    )

    assert held(CAS).slug == "institute-of-physics-cn"
    assert held(UST).slug == "institute-of-physics-cn-2"
    assert held(RAS).slug == RAS


def test_slug_that_somebody_took_during_the_run_is_passed_over(monkeypatch):
    run = loading._Run(None, dry_run=False)
    InstitutionFactory(slug="chinese-academy-of-sciences")

    run.through(loading._batches([loading.Entry(1, record())], 10, run.countries), "", None)

    assert held().slug == "chinese-academy-of-sciences-cn"


def test_relations_are_kept_once_and_in_one_direction():
    import_records(
        [
            record(CAS, relationships=[related("child", UST), related("related", RAS)]),
            record(UST, relationships=[related("parent", CAS), related("predecessor", RAS)]),
            record(RAS, relationships=[related("related", CAS)], status="withdrawn"),
        ],
        batch=1,
    )

    assert relations() == {
        (UST, "parent", CAS, "ror"),
        (CAS, "related", RAS, "ror"),
        (RAS, "successor", UST, "ror"),
    }
    assert held(RAS).record_status == "withdrawn"


def test_relation_to_a_record_not_held_is_counted_and_made_when_it_comes():
    one = record(CAS, relationships=[related("child", UST)])
    assert import_records([one]).relations_not_held == 1

    report = import_records([one, record(UST)])

    assert counts(report) == (1, 0, 1, 0)
    assert (report.relations_made, report.relations_not_held) == (1, 0)
    assert relations() == {(UST, "parent", CAS, "ror")}


def test_relation_that_nobody_states_any_more_ends_but_not_those_of_the_portal():
    import_records(
        [record(CAS, relationships=[related("child", UST), related("child", RAS)]), record(UST), record(RAS)]
    )
    InstitutionRelation.objects.create(institution=held(CAS), kind="related", other=held(RAS))

    report = import_records([record(CAS, relationships=[related("child", RAS)])])

    assert report.relations_ended == 1
    assert relations() == {(RAS, "parent", CAS, "ror"), (CAS, "related", RAS, "portal")}


def test_relation_that_only_the_other_record_states_stays():
    other = record(UST, relationships=[related("parent", CAS)])
    import_records([record(CAS), other])

    import_records([record(CAS, established=1950), other], batch=1)

    assert relations() == {(UST, "parent", CAS, "ror")}


def test_relation_that_the_portal_holds_the_other_way_is_not_doubled():
    import_records([record(CAS), record(RAS)])
    InstitutionRelation.objects.create(institution=held(RAS), kind="related", other=held(CAS))

    report = import_records([record(CAS, relationships=[related("related", RAS)]), record(RAS)])

    assert report.relations_made == 0
    assert relations() == {(RAS, "related", CAS, "portal")}


def test_refused_records_leave_what_is_held_alone():
    import_records([record()])

    report = import_records([record(name="New", locations=[]), record(UST), None, record(UST, name="Again")])

    assert counts(report) == (1, 0, 0, 3)
    assert [(refusal.number, refusal.ror, refusal.reason) for refusal in report.refusals] == [
        (1, CAS, "no country"),
        (3, "", "not a record"),
        (4, UST, TWICE),
    ]
    assert held().name == "Chinese Academy of Sciences"


def test_refusals_are_all_counted_though_few_are_kept():
    report = import_records([None] * 50 + [record(locations=[])])

    assert report.refused == {"not a record": 50, "no country": 1}
    assert len(report.refusals) == 20


def test_day_seen_is_the_one_given_where_the_record_has_none():
    day = datetime.date(2026, 6, 1)
    import_records([record(CAS, admin={"created": None, "last_modified": None}), record(UST)], source_seen_on=day)

    assert held(CAS).source_seen_on == day
    assert held(UST).source_seen_on == datetime.date(2026, 2, 24)


def test_dry_run_tells_the_same_and_changes_nothing():
    import_records([record(CAS, relationships=[related("child", RAS)]), record(RAS)])
    before = list(Institution.objects.values()), relations(), names_of(CAS), Source.objects.count()
    items = [record(CAS, name="New", relationships=[related("child", UST)]), record(UST), record(RAS), record(RAS), {}]

    dry = import_records(items, dry_run=True, batch=2)

    assert (list(Institution.objects.values()), relations(), names_of(CAS), Source.objects.count()) == before
    assert dry == import_records(items, batch=2)
    assert counts(dry) == (1, 1, 1, 2)
    assert (dry.relations_made, dry.relations_ended) == (1, 1)


def test_dry_run_makes_no_source():
    import_records([record()], dry_run=True)

    assert not Source.objects.filter(slug="ror").exists()


def test_interrupted_run_leaves_whole_batches_and_the_next_one_completes_it(monkeypatch):
    items = [
        record(CAS, relationships=[related("child", RAS)]),
        record(UST, relationships=[related("parent", CAS)]),
        record(RAS, relationships=[related("parent", CAS)]),
    ]
    statements = writing.STATEMENTS

    def interrupt(rows, **options):
        if rows[0].record.ror == UST:
            monkeypatch.setattr(writing, "STATEMENTS", (*statements[:3], "SELECT 1/0"))
        write(rows, **options)

    write = writing.write
    monkeypatch.setattr(writing, "write", interrupt)
    with pytest.raises(Exception, match="division by zero"):
        import_records(items, batch=1)
    assert list(Institution.objects.values_list("ror", flat=True)) == [CAS]
    assert names_of(CAS)

    monkeypatch.undo()
    report = import_records(items, batch=1)

    assert counts(report) == (2, 0, 1, 0)
    assert relations() == {(UST, "parent", CAS, "ror"), (RAS, "parent", CAS, "ror")}


def test_history_says_who_wrote():
    import_records([record()], file="dump.json")
    import_records([record(name="New")], file="later.json")

    events = (
        held()
        .events.order_by("pgh_id")
        .values_list("pgh_label", "name", "pgh_context__metadata__source", "pgh_context__metadata__file")
    )
    assert list(events) == [
        ("insert", "Chinese Academy of Sciences", "ROR import", "dump.json"),
        ("update", "New", "ROR import", "later.json"),
    ]


@pytest.mark.parametrize("count", [1, 300])
def test_statements_do_not_grow_with_the_records(count, django_assert_max_num_queries):
    rors = VALID_RORS[:count]
    with django_assert_max_num_queries(40):
        import_records([record(ror, relationships=[related("parent", rors[0])]) for ror in rors])
    with django_assert_max_num_queries(40):
        report = import_records([record(ror, name="New") for ror in rors])
    assert counts(report) == (0, count, 0, 0)


def _valid_rors(count):
    from toolkit.names.identifiers import _ROR_ALPHABET, _ror_check_digits

    bodies = (f"{_ROR_ALPHABET[n // 1024]}{_ROR_ALPHABET[n // 32 % 32]}{_ROR_ALPHABET[n % 32]}" for n in range(count))
    return [f"0000{body}"[:7] + _ror_check_digits(f"000{body}") for body in bodies]


VALID_RORS = _valid_rors(300)


def test_signs_that_copy_reads_otherwise_come_through_unharmed():
    odd = r"C:\new\N \. 100% 'quoted' \\"
    import_records([record(name=odd, links=[{"type": "website", "value": r"https://x.org/\t"}])])

    assert (held().name, held().website) == (odd, r"https://x.org/\t")
    assert names_of(CAS) == {("display", odd, "ror")}

from django.db import connection


def test_database_answers(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT upper('привет'), current_setting('fsync')")
        assert cursor.fetchone() == ("ПРИВЕТ", "off")

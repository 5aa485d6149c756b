from django.db import migrations

# Asked at the end of a transaction, so that a successor may come and the predecessor go in either order. The lock on the
# institution makes two of them take turns: each of two last ones could otherwise count on the other.
# `portal.focal_point_may_go` is set by an officer's explicit act, for the rest of its transaction.
GUARD = """
CREATE FUNCTION members_demand_focal_point(key bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('portal.focal_point_may_go', true), '') = 'yes' THEN
        RETURN;
    END IF;
    PERFORM FROM members_institution WHERE id = key AND record_status <> 'withdrawn' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF NOT EXISTS (
        SELECT FROM members_institutionrole r JOIN accounts_user u ON u.id = r.user_id
        WHERE r.institution_id = key AND r.role = 'focal_point' AND u.is_active
            AND r.ended_at IS NULL AND r.ends_on IS NULL
            AND r.starts_on <= (statement_timestamp() AT TIME ZONE 'UTC')::date
    ) THEN
        RAISE EXCEPTION 'Institution % would lose its last focal point.', key
            USING ERRCODE = 'check_violation', CONSTRAINT = 'institution_keeps_focal_point';
    END IF;
END $$;

CREATE FUNCTION members_is_focal_point(role varchar, starts_on date, ends_on date, ended_at timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT role = 'focal_point' AND ended_at IS NULL
        AND starts_on <= (statement_timestamp() AT TIME ZONE 'UTC')::date
        AND (ends_on IS NULL OR ends_on >= (statement_timestamp() AT TIME ZONE 'UTC')::date)
$$;

CREATE FUNCTION members_role_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.user_id, NEW.institution_id, NEW.role, NEW.starts_on, NEW.ends_on, NEW.ended_at)
        IS NOT DISTINCT FROM (OLD.user_id, OLD.institution_id, OLD.role, OLD.starts_on, OLD.ends_on, OLD.ended_at)
    THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' AND members_is_focal_point(OLD.role, OLD.starts_on, OLD.ends_on, OLD.ended_at) THEN
        PERFORM members_demand_focal_point(OLD.institution_id);
    END IF;
    -- One that ends by its date needs another beside it that does not.
    IF TG_OP <> 'DELETE' AND NEW.ends_on IS NOT NULL
        AND members_is_focal_point(NEW.role, NEW.starts_on, NEW.ends_on, NEW.ended_at)
    THEN
        PERFORM members_demand_focal_point(NEW.institution_id);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION members_account_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    key bigint;
BEGIN
    FOR key IN
        SELECT DISTINCT r.institution_id FROM members_institutionrole r
        WHERE r.user_id = NEW.id
            AND members_is_focal_point(r.role, r.starts_on, r.ends_on, r.ended_at)
        ORDER BY 1
    LOOP
        PERFORM members_demand_focal_point(key);
    END LOOP;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER institution_keeps_focal_point AFTER INSERT OR UPDATE OR DELETE ON members_institutionrole
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION members_role_changed();
CREATE CONSTRAINT TRIGGER institution_keeps_focal_point AFTER UPDATE OF is_active ON accounts_user
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.is_active AND NOT NEW.is_active)
    EXECUTE FUNCTION members_account_closed();
"""

UNGUARD = """
DROP TRIGGER institution_keeps_focal_point ON accounts_user;
DROP TRIGGER institution_keeps_focal_point ON members_institutionrole;
DROP FUNCTION members_account_closed();
DROP FUNCTION members_role_changed();
DROP FUNCTION members_is_focal_point(varchar, date, date, timestamptz);
DROP FUNCTION members_demand_focal_point(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_role_given_and_ended"),
        ("members", "0015_invitation"),
    ]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]

-- Notifications: what someone else did to one's events, clients and their contracts. A notification names the record
-- and keeps nothing of it: what the record is called is read by its reader, under the rights that they have then.
SET LOCAL ROLE epic_owner;

CREATE TABLE crm.notifications (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  recipient_id integer NOT NULL,       -- no foreign keys: nobody and nothing is ever removed, and they would lock
  kind text NOT NULL CONSTRAINT notifications_kind_known
    CHECK (kind IN ('assigned', 'unassigned', 'changed', 'deleted', 'restored',   -- an event
                    'signed', 'unsigned', 'paid', 'payment', 'voided',            -- a contract; paid: nothing is due
                    'handed-over')),                                              -- a client
  noun text NOT NULL CONSTRAINT notifications_noun_known CHECK (noun IN ('events', 'contracts', 'clients')),
  row_id integer NOT NULL,
  actor_id integer NOT NULL,
  fields text NOT NULL DEFAULT '',     -- the names of the fields that changed
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  read_at timestamptz);
CREATE INDEX notifications_of_recipient ON crm.notifications (recipient_id, id);
CREATE INDEX notifications_unread ON crm.notifications (recipient_id, id) WHERE read_at IS NULL;

ALTER TABLE crm.notifications ENABLE ROW LEVEL SECURITY;
ALTER TABLE crm.notifications FORCE ROW LEVEL SECURITY;
CREATE POLICY definer ON crm.notifications TO epic_definer USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE, UPDATE (read_at) ON crm.notifications TO epic_definer;
-- one's own, and of these only whether they have been read
GRANT SELECT, UPDATE (read_at) ON crm.notifications TO epic_sales, epic_support, epic_management;
CREATE POLICY read_own ON crm.notifications FOR SELECT TO epic_sales, epic_support, epic_management
  USING (recipient_id = (SELECT api.me()));
CREATE POLICY mark_own ON crm.notifications FOR UPDATE TO epic_sales, epic_support, epic_management
  USING (recipient_id = (SELECT api.me())) WITH CHECK (recipient_id = (SELECT api.me()));
RESET ROLE;

SET LOCAL ROLE epic_definer;

-- The channel on which a shell is woken. Anyone may NOTIFY and LISTEN on a channel whose name they know, so each is a
-- secret of its backend; and what comes through it says nothing.
ALTER TABLE sec.attachments ADD COLUMN channel text;
CREATE INDEX attachments_listening ON sec.attachments (session_id) WHERE channel IS NOT NULL;
CREATE INDEX sessions_by_expiry ON sec.sessions (employee_id, expires_at);

CREATE OR REPLACE FUNCTION api.challenge(OUT nonce text, OUT server_time timestamptz, OUT schema_version integer)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  nonce := encode(sec.random32(), 'hex');
  server_time := clock_timestamp();
  schema_version := api.schema_version();
  INSERT INTO sec.attachments (pid, login_role, challenge) VALUES (pg_backend_pid(), session_user, nonce)
  ON CONFLICT (pid) DO UPDATE   -- the channel of a backend that is gone, and had the same pid, is known to someone else
    SET login_role = excluded.login_role, challenge = excluded.challenge, nonce = NULL, session_id = NULL,
        channel = NULL;
END $$;

-- Wakes this backend from now on when its employee is notified; false without a session. Clears away what its employee
-- has long read, or left alone for a year.
CREATE FUNCTION api.listen() RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  actor integer := api.me();
  secret text := 'inbox_' || left(encode(sec.random32(), 'hex'), 48);
BEGIN
  IF actor IS NULL THEN RETURN false; END IF;
  DELETE FROM crm.notifications n WHERE n.id IN (   -- whoever marks them just now is not waited for
    SELECT old.id FROM crm.notifications old
    WHERE old.recipient_id = actor
      AND (old.read_at < now() - interval '30 days' OR old.created_at < now() - interval '1 year')
    FOR UPDATE SKIP LOCKED);
  UPDATE sec.attachments SET channel = secret WHERE pid = pg_backend_pid();
  UNLISTEN *;
  EXECUTE format('LISTEN %I', secret);
  RETURN true;
END $$;

-- Wakes every shell of an employee when this transaction is committed, once however often it is called. Rows of dead
-- backends cost a little until their session expires.
CREATE FUNCTION sec.wake(who integer) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_notify(a.channel, '') FROM sec.live_sessions s JOIN sec.attachments a ON a.session_id = s.id
  WHERE s.employee_id = who AND s.expires_at > clock_timestamp() AND a.channel IS NOT NULL
    AND pg_notification_queue_usage() < 0.5;   -- anyone may fill the queue: then nobody is woken, but all is stored
END $$;

-- Tells one employee what an actor did, unless it is they themselves. Who has left, or is in another department by now,
-- is told nothing: it may be none of theirs to know.
CREATE FUNCTION sec.tell(who integer, whose text, kind text, noun text, row_id integer, actor integer,
                         fields text DEFAULT '')
  RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF who IS NULL OR who = actor THEN RETURN; END IF;
  INSERT INTO crm.notifications (recipient_id, kind, noun, row_id, actor_id, fields)
  SELECT e.id, kind, noun, row_id, actor, fields FROM crm.employees e
  WHERE e.id = who AND e.active AND e.department = whose;
  IF FOUND THEN PERFORM sec.wake(who); END IF;
END $$;

-- The triggers. Without an actor (the owner sets something up) nobody is told anything.

-- An event is its support's, and its client's contact's: who runs it is to them a change like others.
CREATE FUNCTION sec.tell_of_event() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  actor integer := api.me();
  changed text := concat_ws(', ', CASE WHEN NEW.name <> OLD.name THEN 'name' END,
                            CASE WHEN NEW.support_id IS DISTINCT FROM OLD.support_id THEN 'support' END,
                            CASE WHEN NEW.starts_at <> OLD.starts_at THEN 'starts_at' END,
                            CASE WHEN NEW.ends_at <> OLD.ends_at THEN 'ends_at' END,
                            CASE WHEN NEW.location <> OLD.location THEN 'location' END,
                            CASE WHEN NEW.attendees IS DISTINCT FROM OLD.attendees THEN 'attendees' END,
                            CASE WHEN NEW.notes <> OLD.notes THEN 'notes' END);
  what text := CASE WHEN (OLD.deleted_at IS NULL) = (NEW.deleted_at IS NULL) THEN 'changed'
                    WHEN NEW.deleted_at IS NULL THEN 'restored' ELSE 'deleted' END;
BEGIN
  IF actor IS NULL THEN RETURN NULL; END IF;
  IF NEW.support_id IS DISTINCT FROM OLD.support_id THEN
    PERFORM sec.tell(OLD.support_id, 'support', 'unassigned', 'events', NEW.id, actor);
    PERFORM sec.tell(NEW.support_id, 'support', 'assigned', 'events', NEW.id, actor);
  ELSE
    PERFORM sec.tell(NEW.support_id, 'support', what, 'events', NEW.id, actor, changed);
  END IF;
  PERFORM sec.tell(NEW.sales_id, 'sales', what, 'events', NEW.id, actor, changed);
  RETURN NULL;
END $$;

CREATE FUNCTION sec.tell_of_signature() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  actor integer := api.me();
BEGIN
  IF actor IS NOT NULL THEN
    PERFORM sec.tell(NEW.sales_id, 'sales', CASE WHEN NEW.signed THEN 'signed' ELSE 'unsigned' END, 'contracts', NEW.id, actor);
  END IF;
  RETURN NULL;
END $$;

-- After book_payment, so that the contract's due is what it has become: triggers run in the order of their names.
CREATE FUNCTION sec.tell_of_payment() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  actor integer := api.me();
  k crm.contracts;
BEGIN
  IF actor IS NULL THEN RETURN NULL; END IF;
  SELECT * INTO k FROM crm.contracts WHERE id = coalesce(NEW.contract_id, OLD.contract_id);
  PERFORM sec.tell(k.sales_id, 'sales', CASE WHEN TG_OP = 'DELETE' THEN 'voided' WHEN k.due = 0 THEN 'paid' ELSE 'payment' END,
                   'contracts', k.id, actor);
  RETURN NULL;
END $$;

CREATE FUNCTION sec.tell_of_client() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  actor integer := api.me();
BEGIN
  IF actor IS NOT NULL THEN PERFORM sec.tell(NEW.sales_id, 'sales', 'handed-over', 'clients', NEW.id, actor); END IF;
  RETURN NULL;
END $$;

-- What is read in one shell is read in the others.
CREATE FUNCTION sec.wake_reader() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM sec.wake(api.me());
  RETURN NULL;
END $$;

GRANT EXECUTE ON FUNCTION api.listen() TO epic_sales, epic_support, epic_management;
GRANT EXECUTE ON FUNCTION sec.tell_of_event(), sec.tell_of_signature(), sec.tell_of_payment(), sec.tell_of_client(),
  sec.wake_reader() TO epic_owner;
RESET ROLE;

SET LOCAL ROLE epic_owner;
CREATE TRIGGER tell AFTER UPDATE ON crm.events FOR EACH ROW
  WHEN ((OLD.deleted_at IS NULL OR NEW.deleted_at IS NULL)
        AND (OLD.name, OLD.support_id, OLD.starts_at, OLD.ends_at, OLD.location, OLD.attendees, OLD.notes,
             OLD.deleted_at)
        IS DISTINCT FROM (NEW.name, NEW.support_id, NEW.starts_at, NEW.ends_at, NEW.location, NEW.attendees, NEW.notes,
                          NEW.deleted_at))
  EXECUTE FUNCTION sec.tell_of_event();
CREATE TRIGGER tell AFTER INSERT ON crm.contracts FOR EACH ROW
  WHEN (NEW.signed) EXECUTE FUNCTION sec.tell_of_signature();
CREATE TRIGGER tell_again AFTER UPDATE OF signed_at ON crm.contracts FOR EACH ROW
  WHEN (NEW.signed <> OLD.signed AND NEW.deleted_at IS NULL) EXECUTE FUNCTION sec.tell_of_signature();
CREATE TRIGGER tell AFTER INSERT OR DELETE ON crm.payments FOR EACH ROW EXECUTE FUNCTION sec.tell_of_payment();
CREATE TRIGGER tell AFTER UPDATE OF sales_id ON crm.clients FOR EACH ROW
  WHEN (NEW.sales_id <> OLD.sales_id AND NEW.deleted_at IS NULL) EXECUTE FUNCTION sec.tell_of_client();
CREATE TRIGGER wake AFTER UPDATE ON crm.notifications FOR EACH STATEMENT EXECUTE FUNCTION sec.wake_reader();
RESET ROLE;

-- find: every word by which a record is found. A client's e-mail address and phone number join the words of its name
-- and company, each kind behind a mark of its own, so that completion by name never meets them:
--   @john       a word of the address
--   +33123…     the digits of the number, as they are dialled from abroad where they were written so
--   -…32133     the same from the end: that is how those are found who typed a national number
-- Events have a table of their own. What may be read of it follows the read mode, like the events.
SET LOCAL ROLE epic_owner;

CREATE FUNCTION crm.contact_words(email text, phone text) RETURNS SETOF text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT '@' || w FROM crm.words(email) w
  UNION ALL
  SELECT m || CASE m WHEN '+' THEN d ELSE reverse(d) END
  FROM regexp_replace(regexp_replace(substring(phone FROM '^[^[:alpha:]#;,]*'), '[^0-9]', '', 'g'), '^00', '') d,
       (VALUES ('+'), ('-')) marks (m)
  WHERE length(d) >= 3
$$;
GRANT EXECUTE ON FUNCTION crm.contact_words(text, text) TO epic_definer;

CREATE TABLE crm.event_words (
  word text COLLATE "C" NOT NULL,
  event_id integer NOT NULL);          -- no foreign key: nothing is ever removed, and it would cost with every event

ALTER TABLE crm.event_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE crm.event_words FORCE ROW LEVEL SECURITY;
CREATE POLICY definer ON crm.event_words TO epic_definer USING (true) WITH CHECK (true);
CREATE POLICY read_all ON crm.event_words FOR SELECT TO epic_management USING ((SELECT api.me()) IS NOT NULL);
GRANT SELECT ON crm.event_words TO epic_sales, epic_support, epic_management;
GRANT SELECT, INSERT, DELETE ON crm.event_words TO epic_definer;
RESET ROLE;

SET LOCAL ROLE epic_definer;
CREATE OR REPLACE FUNCTION sec.index_words() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (NEW.full_name, NEW.company, NEW.email, NEW.phone, NEW.deleted_at)
       IS NOT DISTINCT FROM (OLD.full_name, OLD.company, OLD.email, OLD.phone, OLD.deleted_at) THEN
      UPDATE crm.client_words SET sales_id = NEW.sales_id WHERE client_id = NEW.id;
      RETURN NULL;
    END IF;
    DELETE FROM crm.client_words WHERE client_id = NEW.id;
  END IF;
  IF NEW.deleted_at IS NULL THEN
    INSERT INTO crm.client_words (word, client_id, sales_id)
    SELECT word, NEW.id, NEW.sales_id FROM crm.words(NEW.full_name || ' ' || NEW.company) word
    UNION ALL
    SELECT word, NEW.id, NEW.sales_id FROM crm.contact_words(NEW.email, NEW.phone) word;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION sec.index_event_words() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (NEW.name, NEW.deleted_at) IS NOT DISTINCT FROM (OLD.name, OLD.deleted_at) THEN RETURN NULL; END IF;
    DELETE FROM crm.event_words WHERE event_id = NEW.id;
  END IF;
  IF NEW.deleted_at IS NULL THEN
    INSERT INTO crm.event_words (word, event_id) SELECT word, NEW.id FROM crm.words(NEW.name) word;
  END IF;
  RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION sec.index_event_words() TO epic_owner;
RESET ROLE;

SET LOCAL ROLE epic_owner;
DROP TRIGGER index_words ON crm.clients;
CREATE TRIGGER index_words AFTER INSERT OR UPDATE OF full_name, company, email, phone, sales_id, deleted_at
  ON crm.clients FOR EACH ROW EXECUTE FUNCTION sec.index_words();
CREATE TRIGGER index_words AFTER INSERT OR UPDATE OF name, deleted_at ON crm.events
  FOR EACH ROW EXECUTE FUNCTION sec.index_event_words();

-- As before, with the words of events: theirs are read by who reads the event.
CREATE OR REPLACE FUNCTION crm.set_read_mode(mode text) RETURNS void LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
  t text;
  undeleted text;
BEGIN
  FOREACH t IN ARRAY ARRAY['clients', 'contracts', 'events', 'client_words', 'event_words'] LOOP
    EXECUTE format('DROP POLICY IF EXISTS read_sales ON crm.%I', t);
    EXECUTE format('DROP POLICY IF EXISTS read_support ON crm.%I', t);
    -- words exist for live records only; the other tables say so themselves
    undeleted := CASE WHEN t LIKE '%\_words' THEN '' ELSE ' AND deleted_at IS NULL' END;
    IF mode = 'company' THEN
      EXECUTE format('CREATE POLICY read_sales ON crm.%I FOR SELECT TO epic_sales
                      USING ((SELECT api.me()) IS NOT NULL%s)', t, undeleted);
      EXECUTE format('CREATE POLICY read_support ON crm.%I FOR SELECT TO epic_support
                      USING ((SELECT api.me()) IS NOT NULL%s)', t, undeleted);
    ELSIF t <> 'event_words' THEN
      EXECUTE format('CREATE POLICY read_sales ON crm.%I FOR SELECT TO epic_sales
                      USING (sales_id = (SELECT api.me())%s)', t, undeleted);
    END IF;
  END LOOP;
  IF mode = 'need-to-know' THEN
    CREATE POLICY read_support ON crm.events FOR SELECT TO epic_support
      USING (support_id = (SELECT api.me()) AND deleted_at IS NULL);
    CREATE POLICY read_support ON crm.contracts FOR SELECT TO epic_support
      USING (deleted_at IS NULL AND EXISTS (
        SELECT 1 FROM crm.events v
        WHERE v.contract_id = contracts.id AND v.support_id = (SELECT api.me()) AND v.deleted_at IS NULL));
    CREATE POLICY read_support ON crm.clients FOR SELECT TO epic_support
      USING (deleted_at IS NULL AND EXISTS (
        SELECT 1 FROM crm.events v
        WHERE v.client_id = clients.id AND v.support_id = (SELECT api.me()) AND v.deleted_at IS NULL));
    CREATE POLICY read_support ON crm.client_words FOR SELECT TO epic_support
      USING (EXISTS (
        SELECT 1 FROM crm.events v
        WHERE v.client_id = client_words.client_id AND v.support_id = (SELECT api.me()) AND v.deleted_at IS NULL));
    -- IN, for once: they are looked through for all events of the reader, whose numbers are gathered once
    CREATE POLICY read_sales ON crm.event_words FOR SELECT TO epic_sales
      USING (event_id IN (
        SELECT v.id FROM crm.events v WHERE v.sales_id = (SELECT api.me()) AND v.deleted_at IS NULL));
    CREATE POLICY read_support ON crm.event_words FOR SELECT TO epic_support
      USING (event_id IN (
        SELECT v.id FROM crm.events v WHERE v.support_id = (SELECT api.me()) AND v.deleted_at IS NULL));
  END IF;
END $$;
RESET ROLE;

-- What is there already: once for all rows, by the superuser that migrates; the indexes are built afterwards.
SET LOCAL statement_timeout = 0;   -- a minute or two where there are millions
ALTER TABLE crm.client_words DROP CONSTRAINT client_words_pkey;
-- Nothing is ever removed; and it was checked for each of a client's words, by a plan that a session keeps from when
-- there were few clients: a first import of 30 000 in a shell that had made one took five minutes.
ALTER TABLE crm.client_words DROP CONSTRAINT client_words_client_id_fkey;
DROP INDEX crm.client_words_mine, crm.client_words_of_client;
SET LOCAL session_replication_role = replica;
INSERT INTO crm.client_words (word, client_id, sales_id)
SELECT w, c.id, c.sales_id FROM crm.clients c, LATERAL crm.contact_words(c.email, c.phone) w WHERE c.deleted_at IS NULL;
INSERT INTO crm.event_words (word, event_id)
SELECT w, v.id FROM crm.events v, LATERAL crm.words(v.name) w WHERE v.deleted_at IS NULL;
SET LOCAL session_replication_role = DEFAULT;

SET LOCAL maintenance_work_mem = '256MB';
SET LOCAL ROLE epic_owner;
ALTER TABLE crm.client_words ADD PRIMARY KEY (word, client_id);
ALTER TABLE crm.event_words ADD PRIMARY KEY (word, event_id);
CREATE INDEX client_words_mine ON crm.client_words (sales_id, word, client_id);
-- whether a record has a word: one entry of the index, and the table is left alone
CREATE INDEX client_words_of_client ON crm.client_words (client_id, word);
CREATE INDEX event_words_of_event ON crm.event_words (event_id, word);
RESET ROLE;
ANALYZE crm.client_words;
ANALYZE crm.event_words;
SELECT crm.set_read_mode(value) FROM crm.settings WHERE name = 'read_mode';

-- Search by the start of any word of a client's name and company, accents and case ignored: a table of words, secured
-- like the clients themselves. Ranges over "C" text are leakproof, so row security lets the index be used.
SET LOCAL ROLE epic_owner;

-- The same rule as text.fold() in the shell: decomposed (NFKD), marks dropped, lower case, then the letters that
-- don't decompose. Its body is bound now, not by a search_path, so that the planner can put it in line: lists sort by it.
CREATE FUNCTION crm.fold(t text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(t) = length(t) THEN lower(t) ELSE
  replace(replace(replace(replace(
    translate(lower(regexp_replace(normalize(t, NFKD), '[\u0300-\u036f]', '', 'g')), 'øłđıðς', 'oldidσ'),
    'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
END;

CREATE FUNCTION crm.words(t text) RETURNS SETOF text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT DISTINCT left(w, 40) FROM regexp_split_to_table(crm.fold(t), '[^[:alnum:]]+') w WHERE w <> ''
$$;

CREATE TABLE crm.client_words (
  word text COLLATE "C" NOT NULL,
  client_id integer NOT NULL REFERENCES crm.clients,
  sales_id integer NOT NULL,
  PRIMARY KEY (word, client_id));
CREATE INDEX client_words_mine ON crm.client_words (sales_id, word, client_id);
CREATE INDEX client_words_of_client ON crm.client_words (client_id);

ALTER TABLE crm.client_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE crm.client_words FORCE ROW LEVEL SECURITY;
CREATE POLICY definer ON crm.client_words TO epic_definer USING (true) WITH CHECK (true);
GRANT SELECT ON crm.client_words TO epic_sales, epic_support, epic_management;
GRANT SELECT, INSERT, DELETE, UPDATE (sales_id) ON crm.client_words TO epic_definer;
GRANT EXECUTE ON FUNCTION crm.fold(text), crm.words(text) TO epic_sales, epic_support, epic_management, epic_definer;
RESET ROLE;

SET LOCAL ROLE epic_definer;
-- Words of what is in the trash are not found.
CREATE FUNCTION sec.index_words() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (NEW.full_name, NEW.company, NEW.deleted_at) IS NOT DISTINCT FROM (OLD.full_name, OLD.company, OLD.deleted_at) THEN
      UPDATE crm.client_words SET sales_id = NEW.sales_id WHERE client_id = NEW.id;
      RETURN NULL;
    END IF;
    DELETE FROM crm.client_words WHERE client_id = NEW.id;
  END IF;
  IF NEW.deleted_at IS NULL THEN
    INSERT INTO crm.client_words (word, client_id, sales_id)
    SELECT word, NEW.id, NEW.sales_id FROM crm.words(NEW.full_name || ' ' || NEW.company) word;
  END IF;
  RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION sec.index_words() TO epic_owner;
RESET ROLE;

SET LOCAL ROLE epic_owner;
CREATE INDEX clients_by_name ON crm.clients (crm.fold(full_name), id);
CREATE INDEX clients_by_company ON crm.clients (crm.fold(company), id);
CREATE INDEX events_by_name ON crm.events (crm.fold(name), id);
CREATE TRIGGER index_words AFTER INSERT OR UPDATE OF full_name, company, sales_id, deleted_at ON crm.clients
  FOR EACH ROW EXECUTE FUNCTION sec.index_words();
RESET ROLE;

-- What the triggers of the collections' tables share. They take a change that another program makes
-- straight in a table, bring its values to the one canonical form, and give it what a change through
-- Twinstore has: the workspace's lock, the next rev, a time later than all it replaces, digests, a
-- tombstone. Twinstore's own sessions, which have done so before they write, say
-- twinstore.authority = on. Every function here has a twin in C++; tests hold them against each
-- other.

CREATE OR REPLACE FUNCTION _twinstore_refuse(problem text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'twinstore: %', problem USING ERRCODE = 'check_violation';
END $$;

-- The workspace of this session: SET twinstore.workspace = 'name', or main.
CREATE OR REPLACE FUNCTION _twinstore_workspace() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(nullif(current_setting('twinstore.workspace', true), ''), 'main')
$$;

-- Numbers as ECMA-262 Number::toString writes them; append_json_number in json.cpp.
CREATE OR REPLACE FUNCTION _twinstore_number(number double precision) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  written text := abs(number)::text;  -- the shortest digits that read back as the same number
  mantissa text := split_part(written, 'e', 1);
  exponent int := coalesce(nullif(split_part(written, 'e', 2), ''), '0')::int;
  whole text := split_part(mantissa, '.', 1);
  digits text := whole || split_part(mantissa, '.', 2);
  n int := length(whole) + exponent;  -- the number is 0.digits times 10 to the n
  k int;
  sign text := CASE WHEN number < 0 THEN '-' ELSE '' END;
BEGIN
  IF number = 0 THEN RETURN '0'; END IF;
  n := n - (length(digits) - length(ltrim(digits, '0')));
  digits := rtrim(ltrim(digits, '0'), '0');
  k := length(digits);
  IF k <= n AND n <= 21 THEN RETURN sign || digits || repeat('0', n - k); END IF;
  IF 0 < n AND n <= 21 THEN RETURN sign || left(digits, n) || '.' || substr(digits, n + 1); END IF;
  IF -6 < n AND n <= 0 THEN RETURN sign || '0.' || repeat('0', -n) || digits; END IF;
  RETURN sign || left(digits, 1) || CASE WHEN k > 1 THEN '.' || substr(digits, 2) ELSE '' END ||
    CASE WHEN n - 1 < 0 THEN 'e-' ELSE 'e+' END || abs(n - 1)::text;
END $$;

-- canonical_json in json.cpp; 64 levels at most, keys in byte order and each once.
CREATE OR REPLACE FUNCTION _twinstore_canonical(document json, depth int DEFAULT 1) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  kind text := json_typeof(document);
  number double precision;
  is_repeated boolean;
  out text;
BEGIN
  IF kind IN ('object', 'array') AND depth > 64 THEN
    PERFORM _twinstore_refuse('JSON is nested deeper than 64');
  END IF;
  CASE kind
  WHEN 'object' THEN
    SELECT coalesce(string_agg(to_json(key)::text || ':' || _twinstore_canonical(value, depth + 1),
                               ',' ORDER BY key COLLATE "C"), ''), count(DISTINCT key) < count(*)
      INTO out, is_repeated FROM json_each(document);
    IF is_repeated THEN PERFORM _twinstore_refuse('an object names a key twice'); END IF;
    RETURN '{' || out || '}';
  WHEN 'array' THEN
    SELECT coalesce(string_agg(_twinstore_canonical(value, depth + 1), ',' ORDER BY place), '')
      INTO out FROM json_array_elements(document) WITH ORDINALITY AS items (value, place);
    RETURN '[' || out || ']';
  WHEN 'number' THEN
    number := (document #>> '{}')::double precision;
    IF abs(number) > 9007199254740991 AND abs(number) < 1e21 THEN
      PERFORM _twinstore_refuse('an integer is beyond 2^53-1');
    END IF;
    RETURN _twinstore_number(number);
  WHEN 'string' THEN RETURN to_json(document #>> '{}')::text;
  ELSE RETURN document::text;
  END CASE;
END $$;

-- canonical_set in field_value.cpp: members in byte order, each once.
CREATE OR REPLACE FUNCTION _twinstore_canonical_set(members json) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  out text;
BEGIN
  IF json_typeof(members) <> 'array' THEN
    PERFORM _twinstore_refuse('a set is an array');
  END IF;
  SELECT string_agg(member, ',' ORDER BY member COLLATE "C") INTO out FROM
    (SELECT DISTINCT _twinstore_canonical(value, 1) AS member FROM json_array_elements(members)) m;
  RETURN '[' || coalesce(out, '') || ']';
END $$;

-- One of these stands before each value of a changed row; `field` is for the sentence.
CREATE OR REPLACE FUNCTION _twinstore_text(field text, value text, bytes_max int) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF octet_length(value) > bytes_max THEN
    PERFORM _twinstore_refuse(field || ' is longer than ' || bytes_max || ' bytes');
  END IF;
  RETURN value;
END $$;

CREATE OR REPLACE FUNCTION _twinstore_json(field text, value text, bytes_max int) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT _twinstore_text(field, _twinstore_canonical(value::json), bytes_max)
$$;

CREATE OR REPLACE FUNCTION _twinstore_set(field text, value text, bytes_max int) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT _twinstore_text(field, _twinstore_canonical_set(coalesce(value, '[]')::json), bytes_max)
$$;

CREATE OR REPLACE FUNCTION _twinstore_integer(field text, value bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF abs(value::numeric) > 9007199254740991 THEN
    PERFORM _twinstore_refuse(field || ' is beyond 2^53-1');
  END IF;
  RETURN value;
END $$;

CREATE OR REPLACE FUNCTION _twinstore_double(field text, value double precision)
RETURNS double precision LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF value IN ('NaN', 'Infinity', '-Infinity') THEN
    PERFORM _twinstore_refuse(field || ' is not finite');
  END IF;
  RETURN CASE WHEN value = 0 THEN 0 ELSE value END;  -- no -0
END $$;

CREATE OR REPLACE FUNCTION _twinstore_time(field text, value timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF value < '0001-01-01T00:00:00Z' OR value >= '9999-12-31T24:00:00Z' THEN
    PERFORM _twinstore_refuse(field || ' is beyond the years 1 to 9999');
  END IF;
  RETURN date_trunc('milliseconds', value);
END $$;

-- A time as a JSON string; time_text.cpp.
CREATE OR REPLACE FUNCTION _twinstore_time_text(value timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT to_char(value AT TIME ZONE 'UTC', '"\""YYYY-MM-DD"T"HH24:MI:SS.MS"Z\""')
$$;

-- a + b modulo 2^64, which PostgreSQL's own sum refuses.
CREATE OR REPLACE FUNCTION _twinstore_add(a bigint, b bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
  SELECT ((((a >> 32) & 4294967295) + ((b >> 32) & 4294967295)
           + (((a & 4294967295) + (b & 4294967295)) >> 32)) << 32)
         | (((a & 4294967295) + (b & 4294967295)) & 4294967295)
$$;

-- FNV-1a of 64 bits, by halves; row_digest in digest.cpp. The prime is 2^40 + 435.
CREATE OR REPLACE FUNCTION _twinstore_hash(content text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  bytes bytea := convert_to(content, 'UTF8');
  high bigint := 3421674724;  -- of 14695981039346656037
  low bigint := 2216829733;
  product bigint;
BEGIN
  FOR i IN 0 .. length(bytes) - 1 LOOP
    low := low # get_byte(bytes, i);
    product := low * 435;
    high := (high * 435 + (product >> 32) + (low << 8)) & 4294967295;
    low := product & 4294967295;
  END LOOP;
  RETURN (high << 32) | low;
END $$;

CREATE OR REPLACE FUNCTION _twinstore_row_digest(collection text, rev bigint, hlc text, stamps text,
                                                 row_values text[]) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
  SELECT _twinstore_hash(collection || E'\n' || rev || E'\n' || hlc || E'\n' ||
                         coalesce(stamps, '') || E'\n' || array_to_string(row_values, E'\n'))
$$;

-- index_text in tables.cpp: a long text by its beginning and its digest.
CREATE OR REPLACE FUNCTION _twinstore_index_text(content text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  bytes bytea := convert_to(content, 'UTF8');
  until int := 900;
BEGIN
  IF length(bytes) <= 1024 THEN RETURN content; END IF;
  WHILE get_byte(bytes, until) & 192 = 128 LOOP until := until - 1; END LOOP;
  RETURN convert_from(substr(bytes, 1, until), 'UTF8') || E'\x7f' || encode(sha256(bytes), 'hex');
END $$;

CREATE OR REPLACE FUNCTION _twinstore_change_digest(workspace text, digest_scope text, by bigint)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO _records AS r (_workspace, space, key, long_key, value)
    VALUES (workspace, 'digest', _twinstore_index_text(digest_scope),
            nullif(digest_scope, _twinstore_index_text(digest_scope)), lpad(to_hex(by), 16, '0'))
    ON CONFLICT (_workspace, space, key) DO UPDATE
      SET value = lpad(to_hex(_twinstore_add(('x' || r.value)::bit(64)::bigint, by)), 16, '0')
$$;

-- The client that stands for a database role; source_client in ingest.cpp.
CREATE OR REPLACE FUNCTION _twinstore_client(source text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT string_agg(substr('0123456789abcdefghijklmnopqrstuv',
                           get_byte(sha256(convert_to('source:' || source, 'UTF8')), i) % 32 + 1, 1),
                    '' ORDER BY i) FROM generate_series(0, 15) AS i
$$;

-- The server's time for a change of this session's role, later than `latest`; hybrid_time.h.
CREATE OR REPLACE FUNCTION _twinstore_stamp(latest text) RETURNS text
LANGUAGE sql VOLATILE AS $$
  SELECT lpad(to_hex(greatest(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint << 16,
                              ('x' || left(latest, 16))::bit(64)::bigint + 1)), 16, '0') ||
         _twinstore_client('postgresql/' || session_user)
$$;

CREATE OR REPLACE FUNCTION _twinstore_next_rev(workspace text) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
  INSERT INTO _records AS r (_workspace, space, key, value) VALUES (workspace, 'authority', 'head', '1')
    ON CONFLICT (_workspace, space, key) DO UPDATE SET value = (r.value::bigint + 1)::text
    RETURNING value::bigint
$$;

-- Before any row is touched: nobody else writes the workspace until this transaction ends. Who has
-- named none writes main's, and row-level security is told so too.
CREATE OR REPLACE FUNCTION _twinstore_lock() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('twinstore.workspace', _twinstore_workspace(), true);
  PERFORM pg_advisory_xact_lock(hashtextextended(_twinstore_workspace(), 0));
  RETURN NULL;
END $$;

-- The nodes hear of it at the commit.
CREATE OR REPLACE FUNCTION _twinstore_signal() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('twinstore_commits', _twinstore_workspace());
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION _twinstore_refuse_statement() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM _twinstore_refuse(TG_OP || ' of ' || TG_TABLE_NAME || ' is Twinstore''s own');
  RETURN NULL;
END $$;

-- The bounds of a whole row and of its key; limits.h.
CREATE OR REPLACE FUNCTION _twinstore_check_bytes(collection text, row_values text[], key_count int)
RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  row_bytes bigint;
  key_bytes bigint;
BEGIN
  SELECT sum(octet_length(v::json #>> '{}')) FILTER (WHERE v LIKE '"%'),
         sum(CASE WHEN v LIKE '"%' THEN octet_length(v::json #>> '{}') ELSE 8 END)
           FILTER (WHERE place <= key_count)
    INTO row_bytes, key_bytes FROM unnest(row_values) WITH ORDINALITY AS w (v, place);
  IF row_bytes > 2097152 THEN PERFORM _twinstore_refuse('a row has at most 2 MiB'); END IF;
  IF key_bytes > 2048 THEN
    PERFORM _twinstore_refuse('a key of ' || collection || ' has at most 2048 bytes');
  END IF;
END $$;

-- What a change of one row comes to. Values are JSON texts in the order of the fields; the key's
-- come first. Nothing for `old_values`: an insert; for `new_values`: a delete. Without a rev
-- nothing has changed.
CREATE OR REPLACE FUNCTION _twinstore_capture(
  workspace text, collection text, names text[], groups text[], key_count int, scope_at int,
  is_append_only boolean, old_values text[], new_values text[], old_rev bigint, old_hlc text,
  old_stamps text, OUT rev bigint, OUT hlc text, OUT stamps text)
LANGUAGE plpgsql AS $$
DECLARE
  present text[] := coalesce(new_values, old_values);
  row_key text := '[' || array_to_string(present[1:key_count], ',') || ']';
  stored_key text := _twinstore_index_text(row_key);
  row_scope text := coalesce(present[scope_at]::json #>> '{}', '');
  latest text;
  stamp text;
  changed_groups text[];
  field_stamps text[] := '{}';
  digest bigint := 0;
BEGIN
  IF workspace <> _twinstore_workspace() THEN
    PERFORM _twinstore_refuse('SET twinstore.workspace = ''' || workspace || ''' to write its rows');
  END IF;
  IF old_values IS NOT NULL AND new_values IS NOT NULL THEN
    IF old_values = new_values THEN RETURN; END IF;
    IF is_append_only THEN PERFORM _twinstore_refuse(collection || ' is append-only'); END IF;
    IF old_values[1:key_count] <> new_values[1:key_count] THEN
      PERFORM _twinstore_refuse('a key never changes; delete the row and insert another');
    END IF;
    IF old_values[scope_at] <> new_values[scope_at] THEN
      PERFORM _twinstore_refuse('the scope of a row never changes');
    END IF;
  END IF;
  PERFORM _twinstore_check_bytes(collection, new_values, key_count);
  SELECT max(deleted_at) INTO latest FROM _tombstones t WHERE t._workspace = workspace
    AND t.collection = _twinstore_capture.collection AND t.key = stored_key;
  SELECT max(at COLLATE "C") INTO latest FROM (
    SELECT coalesce(latest, repeat('0', 32)) AS at UNION ALL SELECT old_hlc UNION ALL
    SELECT split_part(entry, '=', 2) FROM regexp_split_to_table(nullif(old_stamps, ''), ',') entry) s;
  stamp := _twinstore_stamp(latest);
  rev := _twinstore_next_rev(workspace);
  hlc := coalesce(old_hlc, stamp);
  IF old_values IS NOT NULL THEN
    digest := _twinstore_row_digest(collection, old_rev, old_hlc, old_stamps, old_values);
  END IF;
  IF new_values IS NULL THEN
    INSERT INTO _tombstones (_workspace, collection, key, scope, rev, deleted_at, hlc, stamps, image)
      SELECT workspace, _twinstore_capture.collection, stored_key, row_scope,
             _twinstore_capture.rev, stamp, old_hlc, coalesce(old_stamps, ''),
             '{' || string_agg(to_json(names[i])::text || ':' || old_values[i], ',' ORDER BY i) || '}'
      FROM generate_subscripts(names, 1) AS i;
  ELSE
    IF old_values IS NULL THEN
      DELETE FROM _tombstones t WHERE t._workspace = workspace
        AND t.collection = _twinstore_capture.collection AND t.key = stored_key;
    ELSE
      SELECT array_agg(groups[i]) INTO changed_groups FROM generate_subscripts(names, 1) AS i
        WHERE old_values[i] <> new_values[i];
      SELECT string_agg(names[i] || '=' || at, ',' ORDER BY i) FILTER (WHERE at <> old_hlc)
        INTO stamps
        FROM (SELECT i, CASE WHEN old_values[i] <> new_values[i] OR groups[i] = ANY (changed_groups)
                             THEN stamp
                             ELSE coalesce(substring(old_stamps FROM
                                    '(?:^|,)' || names[i] || '=([0-9a-v]{32})'), old_hlc) END AS at
              FROM generate_subscripts(names, 1) AS i) f;
    END IF;
    digest := _twinstore_add(_twinstore_row_digest(collection, rev, hlc, stamps, new_values),
                             _twinstore_add(~digest, 1));
  END IF;
  IF new_values IS NULL THEN digest := _twinstore_add(~digest, 1); END IF;
  PERFORM _twinstore_change_digest(workspace, '*', digest);
  PERFORM _twinstore_change_digest(workspace, row_scope, digest);
  INSERT INTO _records (_workspace, space, key, value)
    VALUES (workspace, 'external_client', right(stamp, 16), 'postgresql/' || session_user)
    ON CONFLICT DO NOTHING;
END $$;

-- The tables of the model `catalogue.py`, and rows with nulls, accents, quotes and blanks at ends.
CREATE SCHEMA catalogue;

CREATE TABLE catalogue.category (
  id integer PRIMARY KEY,
  name text NOT NULL,
  name_order text GENERATED ALWAYS AS (public.fold(name)) STORED,
  parent_id integer REFERENCES catalogue.category
);
INSERT INTO catalogue.category (id, name, parent_id) VALUES
  (1, 'Épicerie', NULL),
  (2, 'Thés & tisanes', 1),
  (3, 'eaux', 1),
  (4, 'Vide', NULL);

CREATE TABLE catalogue.person (
  user_name text PRIMARY KEY,
  first_name text,
  first_name_order text GENERATED ALWAYS AS (public.fold(first_name)) STORED,
  last_name text,
  birth_date date,
  best_friend_name text REFERENCES catalogue.person
);
INSERT INTO catalogue.person VALUES
  ('zoe', 'Zoé', DEFAULT, 'Œuvrard', '1980-02-29', NULL),
  ('o''neill', 'Shaun', DEFAULT, 'O''Neill', '1999-12-31', 'zoe'),
  ('a/b?c', 'Ada', DEFAULT, NULL, NULL, 'zoe'),
  ('李', '李', DEFAULT, '小龍', '1940-11-27', 'o''neill'),
  ('empty', '', DEFAULT, '', NULL, NULL);

CREATE TABLE catalogue.trip (
  person_name text NOT NULL REFERENCES catalogue.person,
  trip_no integer NOT NULL,
  budget numeric(12, 2),
  starts_at timestamptz,
  PRIMARY KEY (person_name, trip_no)
);
INSERT INTO catalogue.trip VALUES
  ('zoe', 1, 1200.50, '2026-01-15 09:00:00.123+00'),
  ('zoe', 2, NULL, '2026-03-01 00:00:00+00'),
  ('o''neill', 1, 0.00, NULL),
  ('a/b?c', 7, 99999999.99, '1999-12-31 23:59:59.999+00');

CREATE TABLE catalogue.product (
  id integer PRIMARY KEY,
  name text NOT NULL,
  name_order text GENERATED ALWAYS AS (public.fold(name)) STORED,
  price numeric(10, 2),
  rating integer,
  weight double precision,
  released_on date,
  created_at timestamptz NOT NULL,
  code text NOT NULL,
  discontinued boolean,
  sku uuid NOT NULL UNIQUE,
  stock bigint,
  opens time,
  colour text,
  category_id integer REFERENCES catalogue.category,
  supplier_name text REFERENCES catalogue.person,
  store integer NOT NULL,
  version bigint NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ON catalogue.product (rtrim(code));
CREATE INDEX ON catalogue.product (category_id);
INSERT INTO catalogue.product VALUES
  (1, 'Thé vert', DEFAULT, 4.50, 5, 0.1, '2025-11-03', '2025-10-01 08:00:00.001+00', 'TEA ', false,
   '11111111-1111-4111-8111-111111111111', 9007199254740993, '08:30', 'G', 2, 'zoe', 1, 1),
  (2, 'thé noir "Été"', DEFAULT, 4.50, NULL, 0.25, '2026-01-01', '2025-12-31 23:30:00+00', 'TEA2',
   NULL, '22222222-2222-4222-8222-222222222222', 0, NULL, NULL, 2, 'o''neill', 1, 4),
  (3, 'Eau d''Évian', DEFAULT, 0.99, 3, 1.5, NULL, '2024-02-29 12:00:00+00', 'EAU', false,
   '33333333-3333-4333-8333-333333333333', NULL, '00:00', 'B', 3, NULL, 2, 1),
  (4, 'eau\de\fontaine', DEFAULT, NULL, 1, NULL, '2026-06-30', '2024-02-29 12:00:00+00', 'eau',
   true, '44444444-4444-4444-8444-444444444444', 12, '23:59:59', 'B', 3, 'zoe', 2, 1),
  (5, '100 % coton_bio', DEFAULT, 19.90, 4, 0.2, '2020-01-01', '2020-01-01 00:00:00+00', 'COTTON  ',
   false, '55555555-5555-4555-8555-555555555555', -3, '12:15:30', 'R', NULL, '李', 1, 1),
  (6, '🍵 tasse' || chr(10) || 'ligne deux', DEFAULT, 12345678.90, 2, 1e-7, '1999-12-31',
   '1999-12-31 23:59:59.999+00', 'CUP', NULL, '66666666-6666-4666-8666-666666666666', 1, NULL, NULL,
   NULL, 'a/b?c', 2, 2);

-- The key that signs skip and delta tokens.
CREATE TABLE token_key (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  key bytea NOT NULL CHECK (length(key) = 32)
);

-- Each uid has 122 random bits.
INSERT INTO token_key (key)
SELECT sha256(convert_to(string_agg(gen_random_uuid()::text, ''), 'UTF8'))
FROM generate_series(1, 4);

-- Failed log-ins by login (key) and network (address); networks from which a login succeeded.
ALTER TABLE login_failure ADD COLUMN address text;
CREATE INDEX login_failure_address ON login_failure (address, at);
CREATE INDEX login_failure_at ON login_failure (at);
CREATE TABLE login_address (
  key text NOT NULL,
  address text NOT NULL,
  seen timestamp with time zone NOT NULL DEFAULT now(),
  PRIMARY KEY (key, address)
);
CREATE INDEX login_address_seen ON login_address (seen);

-- One-time codes: the last step that was used, and hashes of the recovery codes that are left.
ALTER TABLE account ADD COLUMN totp_secret text;
ALTER TABLE account ADD COLUMN totp_step bigint NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN recovery_hashes bytea[] NOT NULL DEFAULT '{}';

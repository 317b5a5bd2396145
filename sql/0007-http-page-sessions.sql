-- Sessions of our own pages (wallet, desk, admin): who is signed in on a browser, for one day of work at most.

CREATE SCHEMA http;

-- The columns are those that connect-pg-simple reads and writes. sess holds the account, how and when it was proven, and nothing else.
CREATE TABLE http.session (
  sid text PRIMARY KEY,
  sess json NOT NULL,
  expire timestamptz NOT NULL
);

CREATE INDEX session_expire ON http.session (expire);

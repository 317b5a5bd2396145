-- An account exists before anybody says whose it is: name and number come with level 2, and go when the account is closed.

ALTER TABLE identity.account ALTER COLUMN name_sealed DROP NOT NULL;
ALTER TABLE identity.account ALTER COLUMN id_type DROP NOT NULL;
ALTER TABLE identity.account ALTER COLUMN id_number_sealed DROP NOT NULL;
ALTER TABLE identity.account ALTER COLUMN id_number_index DROP NOT NULL;
ALTER TABLE identity.account ADD CONSTRAINT account_names_a_person_or_none CHECK (
  (name_sealed IS NULL) = (id_number_sealed IS NULL)
  AND (id_type IS NULL) = (id_number_sealed IS NULL)
  AND (id_number_index IS NULL) = (id_number_sealed IS NULL)
);

-- Which wording of the terms (服务协议) the person accepted, and when. Accounts that were made by the house accepted none.
ALTER TABLE identity.account ADD COLUMN terms_version text;
ALTER TABLE identity.account ADD COLUMN closed_at timestamptz;
ALTER TABLE identity.account ADD CONSTRAINT account_closed_since CHECK ((status = 'closed') = (closed_at IS NOT NULL));

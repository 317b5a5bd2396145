-- A mandate can allow so many uses of seals and no more (授权用印): with seals and a term it is a delegation for one matter.

ALTER TABLE identity.mandate ADD COLUMN max_uses integer CHECK (max_uses >= 1);

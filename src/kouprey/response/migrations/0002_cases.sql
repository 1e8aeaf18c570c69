-- The place of the migration of cases, which stands on a branch of its own: whoever joins the two takes that one.
SELECT 1;

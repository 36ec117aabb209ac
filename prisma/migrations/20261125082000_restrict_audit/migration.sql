-- Calls write entries and read them; only the schedulers seal them.
BEGIN; SELECT restrict_to_project('audit', 'SELECT, INSERT'); COMMIT;
BEGIN; SELECT restrict_to_project('audit_heads', 'SELECT'); COMMIT;

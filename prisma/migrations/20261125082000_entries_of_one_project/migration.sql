-- Calls write entries and read them; only the schedulers seal them.
SELECT open_to_project('audit', 'SELECT, INSERT');

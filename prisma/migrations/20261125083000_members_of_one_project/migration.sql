-- Users and their sessions are the instance's: calls for a project do not reach them.
SELECT open_to_project('members', 'SELECT, INSERT, UPDATE (role), DELETE');

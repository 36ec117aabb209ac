#!/bin/sh
# Makes Temporal's two databases in the Postgres that SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD and SQL_PLUGIN name,
# and brings their schemas up to what this image's Temporal wants. May be repeated.
set -eu

set_up() {
  database=$1 schema=$2
  temporal-sql-tool --db "$database" create-database
  temporal-sql-tool --db "$database" setup-schema --version 0.0
  temporal-sql-tool --db "$database" update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$schema/versioned"
}

set_up temporal temporal
set_up temporal_visibility visibility

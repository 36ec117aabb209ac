#!/bin/sh
# Waits for the Temporal at TEMPORAL_ADDRESS, then makes the namespace TEMPORAL_NAMESPACE with the search attributes that
# operators filter jobs by. May be repeated. Every `temporal` command here reads the two variables itself.
set -eu

try_for_a_minute() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 30 ]; then
      echo "Given up after a minute: $*" >&2
      exit 1
    fi
    sleep 2
  done
}

make_namespace() {
  temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 72h
}

try_for_a_minute temporal operator cluster health
try_for_a_minute make_namespace
# A new namespace is known to all of the server only seconds later.
for attribute in CarillonJobId CarillonProject CarillonHandler CarillonJobStatus; do
  try_for_a_minute temporal operator search-attribute create --name "$attribute" --type Keyword
done
echo "Namespace $TEMPORAL_NAMESPACE is ready."

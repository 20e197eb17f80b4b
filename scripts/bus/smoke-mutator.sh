#!/usr/bin/env bash
# The mutator's events over a private bus of real processes: one per state of a mutation and a change of the topology's
# status, all of them at a subscriber of topology.>, in order, with their payloads. Needs a build (npm run build).
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/bus/private-bus.sh

id=smoke-7
events=$(
  for state in enqueued applying applied failed; do
    printf 'topology.%s.mutation.%s %s {"mutation_id":12,"op":"add_decky","state":"%s"}\n' "$id" "$state" "$state" "$state"
  done
  printf 'topology.%s.status status {"from":"deploying","to":"active"}\n' "$id"
)

bus_start
bus_subscribe topology 'topology.>' 5
while read -r topic type payload; do bus_publish "$topic" "$type" "$payload" </dev/null; done <<<"$events"
bus_expect topology "$bus_subscriber" <<<"$events"
bus_say 'bus smoke (mutator): ok'

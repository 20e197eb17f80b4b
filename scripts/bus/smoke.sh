#!/usr/bin/env bash
# Real processes on a private bus: the socket's mode, patterns, order, a second server, a server that dies and comes
# back under a subscriber, a clean end. Needs a build (npm run build).
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/bus/private-bus.sh

bus_start
[ "$(stat -c %a "$bus_socket")" = 660 ] || bus_fail "mode of the socket: $(stat -c %a "$bus_socket")"

bus_subscribe exact smoke.a.b 2
exact=$bus_subscriber
bus_subscribe rest 'smoke.>' 4
rest=$bus_subscriber
bus_publish smoke.a.b one '{"n":1}'
bus_publish smoke.c two '{"text":"ä \"quoted\""}'
bus_publish other.a.b none '{}'
bus_publish smoke.a.b three '{"n":3}'
bus_expect exact "$exact" <<'END'
smoke.a.b one {"n":1}
smoke.a.b three {"n":3}
END

# Nobody takes the socket of a server that answers.
# shellcheck disable=SC2086
if $DECNET bus --socket "$bus_socket" 2>"$bus_dir/second.log"; then bus_fail 'a second server started'; fi
grep -q E_BUS_IN_USE "$bus_dir/second.log" || bus_fail 'a second server gave another reason'

# One that was killed leaves its socket; the next takes it over, and who had subscribed is told and goes on.
kill -9 "$bus_server"
wait "$bus_server" 2>/dev/null || true
[ -S "$bus_socket" ] || bus_fail 'the killed server left no socket'
bus_start
bus_await "$bus_dir/rest.log" 'events are missing here'
bus_publish smoke.after four '{"n":4}'
bus_expect rest "$rest" <<'END'
smoke.a.b one {"n":1}
smoke.c two {"text":"ä \"quoted\""}
smoke.a.b three {"n":3}
smoke.after four {"n":4}
END

kill "$bus_server"
wait "$bus_server" || bus_fail "the server ended with $?"
[ ! -e "$bus_socket" ] || bus_fail 'the server left its socket'
# shellcheck disable=SC2086
if $DECNET pub --socket "$bus_socket" smoke.a '{}' 2>"$bus_dir/late.log"; then bus_fail 'published to nobody'; fi
grep -q E_BUS_DOWN "$bus_dir/late.log" || bus_fail 'another reason for nobody there'
bus_say 'bus smoke: ok'

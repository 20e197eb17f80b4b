# Sourced by the smoke scripts: a bus of our own on a private socket, subscribers, and what they got.
# Everything started here ends with the script. DECNET says how to start decnet; by default the built one.

DECNET=${DECNET:-node dist/cli/main.js}
bus_dir=$(mktemp -d)
bus_socket=$bus_dir/bus.sock
bus_pids=()

bus_say() { printf '%s\n' "$*" >&2; }

bus_fail() {
  bus_say "FAILED: $*"
  for log in "$bus_dir"/*.log; do
    bus_say "--- ${log##*/}"
    cat "$log" >&2
  done
  exit 1
}

bus_cleanup() {
  for pid in "${bus_pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$bus_dir"
}
trap bus_cleanup EXIT

# Waits until FILE has a line with TEXT.
bus_await() {
  for _ in $(seq 300); do
    if grep -q -- "$2" "$1" 2>/dev/null; then return 0; fi
    sleep 0.1
  done
  bus_fail "no \"$2\" in ${1##*/}"
}

# Starts a server; its pid is in bus_server.
bus_start() {
  : >"$bus_dir/server.log"
  # shellcheck disable=SC2086 # DECNET is a command and its words
  $DECNET bus --socket "$bus_socket" 2>>"$bus_dir/server.log" &
  bus_server=$!
  bus_pids+=("$bus_server")
  bus_await "$bus_dir/server.log" 'listening on'
}

# bus_subscribe NAME PATTERN COUNT: goes on in the background until it has so many; its pid is in bus_subscriber.
bus_subscribe() {
  # shellcheck disable=SC2086
  $DECNET sub --socket "$bus_socket" --json --count "$3" "$2" >"$bus_dir/$1.jsonl" 2>"$bus_dir/$1.log" &
  bus_subscriber=$!
  bus_pids+=("$bus_subscriber")
  bus_await "$bus_dir/$1.log" 'subscribed to'
}

# bus_publish TOPIC TYPE PAYLOAD
bus_publish() {
  # shellcheck disable=SC2086
  $DECNET pub --socket "$bus_socket" --type "$2" "$1" "$3" || bus_fail "pub $1"
}

# bus_expect NAME PID: that subscriber has ended, and got what stands on stdin: `TOPIC TYPE PAYLOAD` a line, in this order.
bus_expect() {
  for _ in $(seq 300); do
    kill -0 "$2" 2>/dev/null || break
    sleep 0.1
  done
  if kill -0 "$2" 2>/dev/null; then bus_fail "$1 is still waiting"; fi
  wait "$2" || bus_fail "$1 ended with $?"
  node -e '
    const { readFileSync } = require("node:fs");
    const lines = (text) => text.split("\n").filter((line) => line !== "");
    const got = lines(readFileSync(process.argv[1], "utf8")).map((line) => JSON.parse(line));
    const want = lines(readFileSync(0, "utf8")).map((line) => line.split(" "));
    const assert = require("node:assert");
    for (const event of got) {
      assert.match(event.id, /^[0-9a-f]{32}$/);
      assert.strictEqual(event.v, 1);
      assert.ok(Math.abs(event.ts - Date.now() / 1000) < 600, "ts is now, in seconds");
    }
    assert.deepStrictEqual(
      got.map(({ topic, type, payload }) => ({ topic, type, payload })),
      want.map(([topic, type, ...json]) => ({ topic, type, payload: JSON.parse(json.join(" ")) })),
    );
  ' "$bus_dir/$1.jsonl" || bus_fail "$1 got something else"
}

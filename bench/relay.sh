# Functions of the benchmarks of model calls, sourced after common.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # the benchmarks use the variables; common.sh sets some
mkdir "$work/classes"
"$java_home/bin/javac" -d "$work/classes" -cp "$jar" "$home"/bench/Upstream.java \
  "$home"/bench/Pipe.java "$home"/bench/LoadClient.java "$home"/bench/ChatLatency.java \
  "$home"/bench/StreamDelay.java "$home"/bench/Streams.java "$home"/bench/StalledStreams.java \
  "$home"/bench/WarmUp.java "$home"/bench/MixedLoad.java \
  "$home"/bench/LedgerUpstream.java "$home"/bench/Ledger.java

# Runs the main class $1 with the arguments $2 … and prints its output, which is also in $work/table.
# Ends the benchmark if it fails.
measure() {
  { "$java_home/bin/java" -cp "$work/classes" "$@" && touch "$work/measured"; } | tee "$work/table"
  [ -e "$work/measured" ] || fail "$1 failed"
  rm "$work/measured"
}

# Runs the main class $1 with the arguments $2 …, with the service's JVM options. Sets $pid.
bench_java() {
  "$java_home/bin/java" "@$home/launcher/service.options" "@$home/launcher/common.options" \
    -cp "$work/classes:$jar" "$@" >"$work/$1.log" 2>&1 &
  pid=$!
  pids="$pid $pids"
}

# Waits until something listens on port $1.
listening() {
  tries=0
  until curl -s -o "$work/probe" -m 1 "http://127.0.0.1:$1/" || [ $? -ne 7 ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || fail "nothing listens on $1"
    sleep 0.1
  done
}

# Starts an upstream that streams $1 events with $2 ms between them, and a service with an agent on
# it. Sets $upstream and $service to their ports, $service_pid, and $agent to the agent's id.
serve_agent() {
  serve_embedded service SERVER_MAX_IN_FLIGHT=4096 LOGGING_LEVEL=warn
  service=$port
  service_pid=$pid
  free_port
  upstream=$port
  bench_java Upstream "$upstream" "$1" "$2"
  listening "$upstream"
  add_agent bench '{"name": "openai-compatible", "base_url": "http://127.0.0.1:'"$upstream"'/v1"}'
}

# Creates an agent named $1 with the provider $2. Sets $agent to its id.
add_agent() {
  curl -s -o "$work/agent" "$url/api/agents" -H "Authorization: Bearer $key" \
    -H 'Content-Type: application/json' -d '{"name": "'"$1"'", "config": {"provider": '"$2"',
      "client": {"connection_pool_size": 1000}, "model": {"name": "m"}}}'
  agent=$(sed -n 's/.*"id":"\([^"]*\)".*/\1/p' "$work/agent")
  [ -n "$agent" ] || fail "$(cat "$work/agent")"
}

# Creates an agent whose provider speaks the dialect of Anthropic, on the same upstream. Sets
# $translated to its id.
add_translated_agent() {
  openai=$agent
  add_agent translated '{"name": "anthropic", "base_url": "http://127.0.0.1:'"$upstream"'",
    "options": {"api_key": "not-a-real-key"}}'
  translated=$agent
  agent=$openai
}

# Registers the upstream as the provider `up`, whose model is `up/m` for clients of the gateway.
add_provider() {
  add_named_provider up '{"name": "openai-compatible", "base_url": "http://127.0.0.1:'"$upstream"'/v1"}'
}

# Registers a provider named $1 with the configuration $2.
add_named_provider() {
  curl -s -o "$work/provider" -w '%{http_code}' "$url/api/providers" -H "Authorization: Bearer $key" \
    -H 'Content-Type: application/json' -d '{"name": "'"$1"'", "config": '"$2"'}' >"$work/status"
  [ "$(cat "$work/status")" = 201 ] || fail "$(cat "$work/provider")"
}

# Registers the route `bench` over the model `m` of the providers `up` and `second`.
add_route() {
  curl -s -o "$work/route" -w '%{http_code}' "$url/api/routes" -H "Authorization: Bearer $key" \
    -H 'Content-Type: application/json' -d '{"name": "bench", "config": {"targets": [
      {"provider": "up", "model": "m"}, {"provider": "second", "model": "m"}]}}' >"$work/status"
  [ "$(cat "$work/status")" = 201 ] || fail "$(cat "$work/route")"
}

# Starts the bare relay (Pipe.java) to the upstream. Sets $pipe to its port and $pipe_pid.
start_pipe() {
  free_port
  pipe=$port
  bench_java Pipe "$pipe" "$upstream"
  pipe_pid=$pid
  listening "$pipe"
}

# What the benchmarks of the relay share, after common.sh: sourced by them.
# shellcheck shell=sh disable=SC2034,SC2154 # the benchmarks use the variables; common.sh sets some
mkdir "$work/classes"
"$java_home/bin/javac" -d "$work/classes" -cp "$jar" "$home"/bench/Upstream.java \
  "$home"/bench/Pipe.java "$home"/bench/ChatLatency.java "$home"/bench/Streams.java \
  "$home"/bench/MixedLoad.java

# Runs the main class $1 with the arguments $2 …, with the service's JVM options. Sets $pid.
bench_java() {
  # shellcheck disable=SC2086 # the options are words
  "$java_home/bin/java" $options -cp "$work/classes:$jar" "$@" >"$work/$1.log" 2>&1 &
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
  options=$(ps -o args= -p "$service_pid" | tr ' ' '\n' | grep -E '^-X(mx|X:\+Use)')
  free_port
  upstream=$port
  bench_java Upstream "$upstream" "$1" "$2"
  listening "$upstream"
  curl -s -o "$work/agent" "$url/api/agents" -H "Authorization: Bearer $key" -H 'Content-Type: application/json' -d '{
    "name": "bench", "config": {
      "provider": {"name": "openai-compatible", "base_url": "http://127.0.0.1:'"$upstream"'/v1"},
      "client": {"connection_pool_size": 1000}, "model": {"name": "m"}}}'
  agent=$(sed -n 's/.*"id":"\([^"]*\)".*/\1/p' "$work/agent")
  [ -n "$agent" ] || fail "$(cat "$work/agent")"
}

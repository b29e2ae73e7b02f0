# Functions of all benchmarks, which source this file and run from anywhere. Everything started here
# listens on 127.0.0.1, keeps its files in $work and is ended with the benchmark.
# shellcheck shell=sh disable=SC2034 # the benchmarks use the variables
set -eu

home=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
work=$(mktemp -d)
pids=
port=$((10000 + $$ % 10000))

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

# Ends the processes $@ and waits for them.
end() {
  for pid; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
}

clean() {
  trap '' INT TERM HUP
  # shellcheck disable=SC2086 # the process ids are words
  end $pids
  rm -rf "$work"
}
trap clean EXIT
trap 'exit 1' INT TERM HUP

for tool in "$@" curl; do
  command -v "$tool" >/dev/null || fail "$0 needs $tool on PATH"
done
"$home/agent-lab" --version >/dev/null # builds it if need be
java_home=$("$home/agent-lab" --java-home)
jar=$home/server/target/agent-lab.jar

# Sets $port to the next one on which nothing listens.
free_port() {
  listens=0
  while [ "$listens" -ne 7 ]; do
    port=$((port + 1))
    listens=0
    curl -s -o "$work/probe" -m 1 "http://127.0.0.1:$port/" || listens=$?
  done
}

# Waits until $1 answers 200; gives up when process $2 ends, whose log is $3, or after a minute.
await() {
  tries=0
  until [ "$(curl -s -m 2 -o "$work/answer" -w '%{http_code}' "$1")" = 200 ]; do
    if ! kill -0 "$2" 2>/dev/null || [ "$tries" -ge 600 ]; then
      fail "no answer from $1" "$(cat "$3")"
    fi
    tries=$((tries + 1))
    sleep 0.1
  done
}

# Starts a service named $1 with the settings in $2 … (KEY=VALUE). Sets $pid and $url.
serve() {
  log=$work/$1.log
  free_port
  shift
  env SERVER_HOST=127.0.0.1 "SERVER_PORT=$port" LOGGING_FORMAT=text "$@" "$home/agent-lab" serve \
    >"$log" 2>&1 </dev/null &
  pid=$!
  pids="$pid $pids"
  url=http://127.0.0.1:$port
  await "$url/readyz" "$pid" "$log"
}

# Starts a service named $1 with a PostgreSQL of its own and the settings in $2 …. Sets also
# $postgres to the server's address, $password to that of its user agent_lab, $data to its folder
# and $key to the admin key.
serve_embedded() {
  data=$work/$1
  cluster=$data/postgres/cluster
  serve "$@" DATABASE_MODE=embedded "SERVICE_DATA_DIR=$data"
  key=$(cat "$data/admin.key")
  postgres=127.0.0.1:$(sed -n 4p "$cluster/data/postmaster.pid")
  password=$(cat "$cluster/agent_lab.password")
}

# Makes that PostgreSQL the one of the services to come, and its folder theirs: one key opens all.
external() {
  export DATABASE_MODE=external "DATABASE_HOST=${postgres%:*}" "DATABASE_PORT=${postgres#*:}" \
    DATABASE_NAME=agent_lab DATABASE_USER=agent_lab "DATABASE_PASSWORD=$password" \
    DATABASE_SSLMODE=disable "SERVICE_DATA_DIR=$data"
}

# Processor time of process $1 so far, in ticks.
ticks() {
  sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

# Prints the middle one of the numbers in file $1.
median() {
  sort -n "$1" | sed -n "$((($(wc -l <"$1") + 1) / 2))p"
}

# Prints the median of the numbers in file $1 with the lowest and the highest: 1.2 (1.1–1.4). $2 is
# the printf format of a number, %.2f without it.
spread() {
  sort -n "$1" | awk -v middle="$(median "$1")" -v format="${2:-%.2f}" '
    NR == 1 { lowest = $1 }
    { highest = $1 }
    END { printf format " (" format "–" format ")\n", middle, lowest, highest }'
}

# Prints column $1 of the lines of file $2 that start with the number of a round and contain $3 in
# column 2, if there is a $3.
column() {
  awk -v column="$1" -v name="${3:-}" \
    '$1 ~ /^[0-9]+$/ && (name == "" || $2 == name) { print $column }' "$2"
}

# Adds a row to README's table, the file that $BENCH_ROWS names: $1 was measured as $2.
row() {
  # shellcheck disable=SC2016 # the backticks are Markdown
  [ -z "${BENCH_ROWS:-}" ] ||
    printf '| %s | %s%s | `%s` |\n' "$1" "$2" "${BENCH_NOTE:-}" "${BENCH_COMMAND:-bench/${0##*/}}" \
      >>"$BENCH_ROWS"
}

# Prints the number $1 with commas: 1,000,000.
thousands() {
  echo "$1" | sed -E ':a; s/^([0-9]+)([0-9]{3})/\1,\2/; ta'
}

ratio() {
  awk -v one="$1" -v other="$2" 'BEGIN { printf "%.2f\n", one / other }'
}

# The workloads, and what they share. Sourced by run.

free_port() {
    local port hex
    while :; do
        port=$((10000 + RANDOM % 20000))
        hex=$(printf ':%04X ' "$port")
        grep -qs "$hex" /proc/net/udp /proc/net/udp6 /proc/net/tcp /proc/net/tcp6 || break
    done
    echo "$port"
}

declare -A pid_of port_of       # of what runs
seed=0
started=()
cgroups=()
warm_up=1
peers="${names[*]:-dnsflow} dnsdist dnsdist_mm unbound dnsmasq kresd smartdns"
close_peers="${names[*]:-dnsflow} dnsdist dnsdist_mm"

start_responder() {             # name, options: the upstream, on the generator's core
    local name=$1 port
    shift
    port=$(free_port)
    taskset -c 1 "$tools/responder" "$@" "127.0.0.1:$port" >"$data/$name.log" 2>&1 &
    pid_of[$name]=$! port_of[$name]=$port
    running+=("$!")
    [ "$name" != upstream ] || UPSTREAMS=$port
}

load() { taskset -c 1 "$tools/load" "$@"; }

start_server() {                # name: starts it and waits for its first answer
    local server=$1 port dir
    port=$(free_port)
    dir=$(mktemp -d "$data/$server.XXXX")
    "start_$server" "$port" "$dir"
    pid_of[$server]=$! port_of[$server]=$port
    running+=("$!")
    for _ in $(seq "${PATIENCE:-100}"); do          # tenths of a second
        if ! kill -0 "${pid_of[$server]}" 2>/dev/null; then break; fi
        if load -N once:1 -n 1 -m 1 -o 100 "127.0.0.1:$port" 2>/dev/null | grep -q '"answered":1'; then return 0; fi
        sleep 0.02
    done
    say "bench/run: $server does not answer:"
    tail -5 "$dir/log" >&2
    stop_server "$server"
    return 1
}

stop_server() {
    stop "${pid_of[$1]}"
    local pid left=()
    for pid in "${running[@]}"; do [ "$pid" = "${pid_of[$1]}" ] || left+=("$pid"); done
    running=("${left[@]}")
}

sample() {                      # workload, server, round, options of load: one line in the samples
    local workload=$1 server=$2 round=$3 line
    shift 3
    seed=$((seed + 1))
    line=$(load -S "$seed" -p "${pid_of[$server]}" "$@" "127.0.0.1:${port_of[$server]}") || line="{}"
    echo "{\"workload\":\"$workload\",\"server\":\"$server\",\"round\":$round,\"sample\":$line}" >>"$samples"
}

note() { echo "{\"workload\":\"$1\",\"server\":\"$2\",\"round\":$3,\"sample\":$4}" >>"$samples"; }

publish_folder() {              # the folder of a build, by its name
    local i
    for i in "${!names[@]}"; do [ "${names[i]}" != "$1" ] || echo "${builds[i]}"; done
}

chosen() {                      # servers: those of them that are to be measured
    local server
    for server in $servers; do
        case " $1 " in *" $server "*) echo "$server" ;; esac
    done
}

# Starts the chosen servers among those given and fills their caches. Leaves in started which of them answer.
start_servers() {               # servers, names to fill with (0 = none), options of load to fill with
    local candidates=$1 fill=$2 server
    shift 2
    started=()
    for server in $(chosen "$candidates"); do
        start_server "$server" || continue
        started+=("$server")
        if [ "$fill" != 0 ]; then
            load -N "once:$fill" -n 128 -m 4 -o 500 -a 5 "$@" "127.0.0.1:${port_of[$server]}" >/dev/null
        fi
        # A second of work before anything is measured: code gets compiled, tables get touched.
        seed=$((seed + 1))
        load -S $seed -N unique -n 128 -w 0 -t "$warm_up" "127.0.0.1:${port_of[$server]}" >/dev/null
    done
}

stop_servers() {
    local server
    for server in "${started[@]}"; do stop_server "$server"; done
}

in_turn() {                     # workload, options of load: every server that is started, as many rounds as wanted
    local workload=$1 server round
    shift
    say "$workload: ${started[*]}"
    for round in $(seq "$rounds"); do
        for server in "${started[@]}"; do sample "$workload" "$server" "$round" -t "$seconds" "$@"; done
    done
}

measure() {                     # workload, servers, names to fill with, options of load
    local workload=$1
    start_servers "$2" "$3"
    shift 3
    in_turn "$workload" "$@"
    stop_servers
}

default_cache=DNSFLOW__CACHE__MAXBYTES=64MB         # DnsFlow forwards with its cache on, and stores what it forwards; the peers forward without

workload_cached() { CACHE=150000 measure cached "echo $peers" 10000 -N zipf:10000; }
workload_cached100k() { CACHE=150000 measure cached100k "echo $close_peers unbound" 100000 -N random:100000; }
workload_forwarded() { CACHE=0 EXTRA=$default_cache measure forwarded "relay $peers" 0 -N unique -o 1000; }

make_certificate() {            # for the servers that speak TLS
    [ -e "$data/cert.pem" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$data/key.pem" -out "$data/cert.pem" -days 9 \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
}

# An upstream that speaks TLS and UDP and is fast enough for not being the limit: the first build, answering by a rule. On the generator's core, or the third one.
declare -A tls_port_of
start_tls_upstream() {          # name
    make_certificate
    eval "start_$1() { start_dnsflow_build \"\$1\" \"\$2\" '${builds[0]}'; }"
    TLS_PORT=$(free_port) HTTPS_PORT=$(free_port)
    tls_port_of[$1]=$TLS_PORT
    UPSTREAMS="" CACHE=1 RULES_FILE=$here/peers/upstream.json CORES=$(($(nproc) > 2 ? 2 : 1)) start_server "$1"
    unset TLS_PORT HTTPS_PORT
}
tls_upstreams() {               # names
    local name number=0
    echo "DNSFLOW__UPSTREAMS__DEFAULT__CAFILE=$data/cert.pem"
    for name in "$@"; do echo "DNSFLOW__UPSTREAMS__DEFAULT__SERVERS__$((number++))=tls://127.0.0.1:${tls_port_of[$name]}#localhost"; done
}

# Forwarded over TLS, and over UDP to the same server.
workload_dotforward() {
    local known=$servers candidates name
    candidates=$(chosen "${names[*]}")
    start_tls_upstream fast
    for name in $candidates; do
        eval "start_${name}_tls() { EXTRA='$default_cache $(tls_upstreams fast | tr '\n' ' ')' start_$name \"\$@\"; }"
        servers+="${name}_tls "
        candidates+=" ${name}_tls"
    done
    UPSTREAMS=${port_of[fast]} CACHE=0 EXTRA=$default_cache start_servers "$(echo $candidates)" 0
    servers=$known
    in_turn dotforward -N unique -n 400 -o 1000
    in_turn dotpaced10k -N unique -r 10000 -n 4096 -o 1000
    in_turn dotpaced30k -N unique -r 30000 -n 4096 -m 32 -o 1000     # 64 at once for each client flow: eight ports would be too few
    stop_servers
    stop_server fast
}

# The first of two upstreams falls silent after a third of the time; 2,000 queries a second. Beside it the same with both alive: a bystander is stopped instead.
one_falls_silent() {            # workload, servers
    local server round most victim bystander
    say "$1: $(chosen "$2" | tr '\n' ' ')"
    sleep 3600 & bystander=$!
    running+=("$bystander")
    for server in $(chosen "$2"); do
        most=1
        case " ${names[*]} " in *" $server "*) most=$rounds ;; esac
        for round in $(seq "$most"); do
            for victim in "$bystander" "${pid_of[mortal]}"; do
                CACHE=0 EXTRA="$default_cache ${EXTRA:-}" start_server "$server" || break
                if [ "$victim" = "$bystander" ]; then sample "$1-alive" "$server" "$round" "${silence[@]}" -K "$victim"; else sample "$1" "$server" "$round" "${silence[@]}" -K "$victim"; fi
                stop_server "$server"
                kill -CONT "$victim"
            done
        done
    done
    kill "$bystander"
}
silence=(-t 9 -w 1 -r 2000 -n 4096 -N unique -o 5000)
workload_deadupstream() {
    start_responder mortal
    UPSTREAMS="${port_of[mortal]} $UPSTREAMS" one_falls_silent deadupstream "$peers"
    stop_server mortal
}
workload_dotdead() {
    start_tls_upstream mortal
    start_tls_upstream healthy
    EXTRA=$(tls_upstreams mortal healthy | tr '\n' ' ') one_falls_silent dotdead "${names[*]}"
    stop_server mortal
    stop_server healthy
}

# Connections that resume a session (TLS 1.2: s_time does not wait for the tickets of 1.3), one after the other.
workload_handshakes() {
    local server round before after said begun
    local -A encrypted_of
    start_encrypted dot ssl dnsdist
    say "handshakes: ${started[*]}"
    for round in $(seq "$rounds"); do
        for server in "${started[@]}"; do
            before=$("$tools/cpu" "${pid_of[$server]}")
            begun=$(date +%s%N)
            said=$(taskset -c 1 openssl s_time -connect "127.0.0.1:${encrypted_of[$server]}" -reuse -tls1_2 -time 2 2>&1) || { say "s_time: $said"; continue; }
            begun=$(($(date +%s%N) - begun))
            after=$("$tools/cpu" "${pid_of[$server]}")
            note handshakes "$server" "$round" "$(python3 "$here/summary.py" --handshakes "$before" "$after" "$said" "$begun")"
        done
    done
    stop_servers
}
workload_mixed() { CACHE=150000 measure mixed "echo relay $peers" 10000 -N mixed:10000:80 -o 1000; }

# 1,000 rules and a list of a million names, none of which is asked for, against the same server without them.
workload_rules() {
    local name with_names file i workload=rules
    "$tools/names" list 0 1000000 >"$data/million.txt"
    python3 "$here/rules.py" "$here/peers/dnsflow.json" >"$data/rules.json"
    python3 "$here/rules.py" "$here/peers/dnsflow.json" "$data/million.txt" >"$data/lists.json"
    for i in "${!names[@]}"; do
        name=${names[i]} file=$data/lists.json
        if ! "${builds[i]}/dnsflow" check -c "$file" >/dev/null 2>&1; then
            file=$data/rules.json workload=rules1000
        fi
        eval "start_${name}_rules() { RULES_FILE='$file' start_$name \"\$@\"; }"
    done
    with_names="$(chosen "${names[*]}")"
    servers="$servers $(printf '%s_rules ' $with_names)"
    PATIENCE=400 CACHE=150000 measure $workload "$with_names $(printf '%s_rules ' $with_names)" 10000 -N zipf:10000
    for name in $with_names; do servers=${servers/ ${name}_rules / }; done
}

workload_tcp() {
    CACHE=150000 start_servers "$peers" 10000 -T 1
    in_turn tcp -T 10 -n 200 -N zipf:10000
    stop_servers
}

# The names are cached; only the number of pairs of client address and port differs. 0 stands for a new pair with each query.
workload_flows() {
    local flows
    CACHE=150000 start_servers "echo $close_peers" 10000
    for flows in 10 10000; do in_turn "flows$flows" -N zipf:10000 -m 10 -F $flows; done
    stop_servers
}
workload_newflow() {
    CACHE=150000 start_servers "echo $close_peers" 10000
    in_turn fewflows -N zipf:10000 -m 10 -F 10
    in_turn newflow -N zipf:10000 -m 10 -F 0
    stop_servers
}

# The sockets for systems other than Linux, beside the Linux ones, and beside what one call a datagram costs at least.
workload_portable() {
    local name known=$servers with=""
    servers="$servers single single_relay "
    for name in $(chosen "${names[*]}"); do
        eval "start_${name}_portable() { EXTRA=\"\${EXTRA:-} DNSFLOW_SOCKETS=portable\" start_$name \"\$@\"; }"
        with+=" $name ${name}_portable"
        servers+="${name}_portable "
    done
    CACHE=150000 measure portable-cached "echo single$with" 10000 -N zipf:10000
    CACHE=0 EXTRA=$default_cache measure portable-forwarded "relay single_relay$with" 0 -N unique -o 1000
    servers=$known
}

workload_paced() {
    CACHE=150000 start_servers "echo $close_peers unbound" 10000
    in_turn paced50k-cached -r 50000 -n 4096 -N zipf:10000
    stop_servers
    CACHE=0 EXTRA=$default_cache start_servers "relay $close_peers" 0
    in_turn paced50k-forwarded -r 50000 -n 4096 -N unique -o 1000
    stop_servers
    # Beside dnsdist without a cache one that stores what it forwards, as DnsFlow does.
    local servers=$servers
    [ -z "$(chosen dnsdist)" ] || servers+="dnsdist_cached "
    CACHE=0 EXTRA=$default_cache measure paced10k-forwarded "relay $peers dnsdist_cached" 0 -r 10000 -n 4096 -N unique -o 1000
}

# One file of queries each: 10,000 names as often as zipf has it, or names that were not asked for before.
run_dnsperf() {                 # workload, server, round, file
    local before after said
    before=$("$tools/cpu" "${pid_of[$2]}")
    said=$(taskset -c 1 dnsperf -s 127.0.0.1 -p "${port_of[$2]}" -d "$4" -n 1 -c 20 -q 200 -T 1 2>&1) || { say "dnsperf: $said"; return; }
    after=$("$tools/cpu" "${pid_of[$2]}")
    note "$1" "$2" "$3" "$(python3 "$here/summary.py" --dnsperf "$before" "$after" "$said")"
}
workload_dnsperf() {
    local server round first
    "$tools/names" zipf 0 100000 >"$data/zipf.txt"
    CACHE=150000 start_servers "echo $close_peers unbound" 10000
    say "dnsperf-cached: ${started[*]}"
    for round in $(seq "$rounds"); do
        for server in "${started[@]}"; do run_dnsperf dnsperf-cached "$server" "$round" "$data/zipf.txt"; done
    done
    stop_servers
    CACHE=0 EXTRA=$default_cache start_servers "relay $close_peers" 0
    say "dnsperf-forwarded: ${started[*]}"
    for round in $(seq "$rounds"); do
        first=$((1000000000000 + round * 100000))
        "$tools/names" dnsperf $first 100000 >"$data/unique.txt"
        for server in "${started[@]}"; do run_dnsperf dnsperf-forwarded "$server" "$round" "$data/unique.txt"; done
    done
    stop_servers
}

# Starts servers with TLS and HTTPS; their ports for one of them are left in encrypted_of.
start_encrypted() {             # dot or doh, limits, peers
    local what=$1 candidates=$2 server
    [ -n "$limits" ] || {
        limits=$data/limits
        say "publishing the limits of TLS and HTTPS"
        dotnet publish "$here/DnsFlow.Limits" --use-current-runtime -o "$limits" -v q >"$data/limits.log" 2>&1 || { cat "$data/limits.log" >&2; exit 1; }
    }
    make_certificate
    started=()
    for server in $candidates $(chosen "${names[*]} $3"); do
        TLS_PORT=$(free_port) HTTPS_PORT=$(free_port)
        case " $candidates " in
            *" $server "*) "start_$server" && pid_of[$server]=$! && running+=("$!") && sleep 0.5 ;;
            *) CACHE=150000 start_server "$server" || continue ;;
        esac
        encrypted_of[$server]=$TLS_PORT
        [ "$what" = dot ] || encrypted_of[$server]=$HTTPS_PORT
        started+=("$server")
    done
    unset TLS_PORT HTTPS_PORT
}

# Cached over TLS and HTTPS, 20 kept connections with 20 queries outstanding on each, by dnsperf. A connection is asked to close after 10,000 queries, which dnsperf's HTTP/2
# does not understand: it waits for ever. So there are more connections than a second can wear out.
encrypted() {                   # workload, limits, options of dnsperf
    local workload=$1 bare=$2 server round before after said
    local -A encrypted_of
    shift 2
    "$tools/names" zipf 0 60000 >"$data/zipf.txt"
    start_encrypted "$workload" "$bare" "dnsdist unbound kresd"
    say "$workload: ${started[*]}"
    for round in 0 $(seq "$rounds"); do             # round 0 warms up
        for server in "${started[@]}"; do
            before=$("$tools/cpu" "${pid_of[$server]}")
            said=$(taskset -c 1 dnsperf -m "$workload" "$@" -s 127.0.0.1 -p "${encrypted_of[$server]}" -d "$data/zipf.txt" -c 20 -q 400 -T 1 -l 1 2>&1) || { say "dnsperf: $said"; continue; }
            after=$("$tools/cpu" "${pid_of[$server]}")
            [ "$round" = 0 ] || note "$workload" "$server" "$round" "$(python3 "$here/summary.py" --dnsperf "$before" "$after" "$said")"
        done
    done
    stop_servers
}
workload_dot() { encrypted dot "ssl ssl_inline"; }
workload_doh() { encrypted doh "kestrel kestrel_inline" -O doh-uri=https://localhost/dns-query -O doh-method=POST; }

# With two cores the generator shares one of them, so the rate says nothing; two shards can do 2 x us(1) / us(2) of what one does.
workload_shards() {
    local candidates="${names[*]}"
    CACHE=150000 measure shards1 "$candidates" 10000 -N zipf:10000 -m 32
    CACHE=150000 EXTRA=DNSFLOW__SHARDS=2 CORES=0,1 measure shards2 "$candidates" 10000 -N zipf:10000 -m 32
}

workload_startup() {
    local what server round port dir candidates=$peers tries=$((rounds + 1))
    for what in forwarded local; do
        say "startup-$what: $(chosen "$candidates" | tr '\n' ' ')"
        for round in $(seq $tries); do
            for server in $(chosen "$candidates"); do
                port=$(free_port)
                dir=$(mktemp -d "$data/$server.XXXX")
                RUNNER=(taskset -c 1 "$tools/first" "127.0.0.1:$port" "$what" "$dir/ms")
                CACHE=150000 "start_$server" "$port" "$dir"
                RUNNER=()
                wait $! || true
                note "startup-$what" "$server" "$round" "{\"ms\":$(cat "$dir/ms" 2>/dev/null || echo -1)}"
            done
        done
        candidates="${names[*]} dnsdist"            # localhost: dnsdist has nothing of its own and forwards it
    done
}

# Everybody idles at the same time; DnsFlow once without and once with its HTTP endpoint.
workload_idle() {
    local server name lasts=10 before=() i with="" known=$servers
    [ "$rounds" -gt 2 ] || lasts=4
    for name in $(chosen "${names[*]}"); do
        eval "start_${name}_http() { EXTRA=DNSFLOW__STATS__ENDPOINTS__0=http://127.0.0.1:$(free_port) start_$name \"\$@\"; }"
        with+=" ${name}_http"
    done
    servers="$servers$with "
    CACHE=150000 warm_up=0.01 start_servers "$peers $with" 0
    servers=$known
    say "idle: ${started[*]}, $lasts s"
    sleep 3
    for server in "${started[@]}"; do before+=("$("$tools/cpu" "${pid_of[$server]}")"); done
    sleep $lasts
    for i in "${!started[@]}"; do
        server=${started[i]}
        note idle "$server" 1 "$(python3 "$here/summary.py" --idle "${before[i]}" "$("$tools/cpu" "${pid_of[$server]}")" $lasts)"
    done
    stop_servers
}

# More flows are allowed than are opened: from three quarters of the bound on DnsFlow ends idle ones early, which is not what is measured.
workload_tcpidle() {
    local server count=10000 room
    room=$(( $(ulimit -n) - 500 ))
    [ "$room" -ge $count ] || count=$room
    CACHE=150000 EXTRA="DNSFLOW__LIMITS__TCPIDLE=2m DNSFLOW__LIMITS__STREAMFLOWS=16000" start_servers "$close_peers" 1000
    say "tcpidle: ${started[*]}, $count connections each"
    for server in "${started[@]}"; do
        note tcpidle "$server" 1 "$(taskset -c 1 "$tools/connections" "127.0.0.1:${port_of[$server]}" $count "${pid_of[$server]}")"
        stop_server "$server"
    done
}

# A memory cgroup of 50 MiB (where one can be made; else its peak alone tells), then a flood of names never asked before, each from a new flow.
workload_small() {
    local server group="" alive kills after profile
    if [ -d /sys/fs/cgroup/memory ] && mkdir "/sys/fs/cgroup/memory/dnsflow-bench-$$" 2>/dev/null; then
        group=/sys/fs/cgroup/memory/dnsflow-bench-$$
        echo 52428800 >"$group/memory.limit_in_bytes"
    elif [ -e /sys/fs/cgroup/cgroup.controllers ] && mkdir "/sys/fs/cgroup/dnsflow-bench-$$" 2>/dev/null; then
        group=/sys/fs/cgroup/dnsflow-bench-$$
        echo 52428800 >"$group/memory.max" 2>/dev/null || { rmdir "$group"; group=""; }
    fi
    if [ -n "$group" ]; then cgroups+=("$group"); else say "small: no memory cgroup can be made here: its peak is measured, nothing holds it"; fi
    for server in $(chosen "${names[*]}"); do
        profile=DNSFLOW__LIMITS__PROFILE=small
        say "small: $server"
        RUNNER=()
        (cd "$data" && export $profile && "$(publish_folder "$server")/dnsflow" check >/dev/null 2>&1) || { profile=""; say "small: $server has no such profile, and runs as it is"; }
        [ -z "$group" ] || RUNNER=(sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group")
        CACHE=150000 EXTRA=$profile start_server "$server" || { note small "$server" 1 '{"alive":0}'; RUNNER=(); continue; }
        RUNNER=()
        load -S 200 -N unique -n 4096 -m 64 -F 0 -o 200 -t $((rounds * 2)) "127.0.0.1:${port_of[$server]}" >/dev/null || true
        alive=0
        ! kill -0 "${pid_of[$server]}" 2>/dev/null || alive=1
        after=$(load -N zipf:1000 -n 16 -o 1000 -t 1 -p "${pid_of[$server]}" "127.0.0.1:${port_of[$server]}" || echo '{}')
        kills=""
        [ -z "$group" ] || kills=$(sed -n 's/^oom_kill //p' "$group/memory.oom_control" "$group/memory.events" 2>/dev/null | head -1 || true)
        note small "$server" 1 "{\"alive\":$alive,\"kills\":${kills:-null},\"after\":$after}"
        stop_server "$server"
    done
    [ -z "$group" ] || rmdir "$group" 2>/dev/null || true
}

# Every answer is compared with what the upstream must have said, while the upstream misbehaves.
workload_correctness() {
    local server names_asked clean=$UPSTREAMS wanted=$(($(printf %.0f "${checks}e6") / 3))
    start_responder faulty -l 5 -d 2 -r 10 -L 1 -k 1 -t
    for server in $(chosen "${names[*]}"); do
        say "correctness: $server, 3 x $wanted queries; the upstream loses 5 %, doubles 2 %, delays 11 %, forges 1 %"
        UPSTREAMS=${port_of[faulty]} CACHE=150000 start_server "$server" || continue
        for names_asked in zipf:10000 mixed:10000:80 unique; do
            sample "correctness ${names_asked%%:*}" "$server" 1 -c -q $wanted -N "$names_asked" -n 3072 -m 64 -o 2000 -a 5
        done
        stop_server "$server"
    done
    stop_server faulty
    UPSTREAMS=$clean
}

# Shows that the checker sees what it is there for: an upstream that falsifies 1 answer in 1,000, each time in another way.
self_test() {
    local line
    start_responder liar -x 1000
    line=$(load -c -N unique -q 200000 -o 300 "127.0.0.1:${port_of[liar]}")
    echo "falsified: $line"
    python3 "$here/summary.py" --self-test "$line" 200000 1000
    line=$(load -c -N unique -q 200000 -o 300 "127.0.0.1:${port_of[upstream]}")
    echo "true:      $line"
    python3 "$here/summary.py" --self-test "$line" 200000 0
    local server
    for server in $(chosen "${names[*]}"); do
        UPSTREAMS=${port_of[liar]} CACHE=0 start_server "$server"
        line=$(load -c -N unique -q 200000 -o 5000 -a 2 "127.0.0.1:${port_of[$server]}")
        echo "through $server: $line"
        python3 "$here/summary.py" --self-test "$line" 200000 1500      # some of the lies do not get past it
        stop_server "$server"
    done
}

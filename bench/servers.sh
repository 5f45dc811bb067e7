# How each server under test is started. Sourced by run.
# A server is started by start_NAME with: port, folder of its own. What differs between workloads comes in variables:
#   UPSTREAMS  ports of the upstreams     CACHE    entries that must fit, 0 = no cache
#   CORES      cores for the server       EXTRA    more settings for DnsFlow, NAME=VALUE each
#   TLS_PORT, HTTPS_PORT   where it speaks TLS and HTTPS besides, with $data/cert.pem and key.pem; unset = it does not
#   RUNNER     an array: a command that runs the server and becomes it
# It leaves the process id in $!; everything a server writes goes to its folder.

RUNNER=()

on_cores() { exec "${RUNNER[@]}" taskset -c "${CORES:-0}" "$@"; }

fill_in() {     # template, port, folder, upstream line with % for a port
    local port lines=""
    for port in $UPSTREAMS; do lines+="${4//%/$port}\\n"; done
    sed -e "s|@PORT@|$2|; s|@DIR@|$3|; s|@CACHE@|$CACHE|; s|@UPSTREAMS@|$lines|" "$here/peers/$1"
}

quoted_upstreams() { local port list=""; for port in $UPSTREAMS; do list+="\"${1//%/$port}\","; done; echo "{$list}"; }

start_echo() { on_cores "$tools/echo" "127.0.0.1:$1" >"$2/log" 2>&1 & }

# What the framework costs alone: an echo under TLS, and under HTTP/2 and TLS; as it comes, and with completions that run where they are found.
start_limit() { (export ${3:-} && on_cores "$limits/limits" "$1" "$2" "$data/cert.pem" "$data/key.pem" >"$data/limits.log" 2>&1) & }
start_ssl() { start_limit tls "$TLS_PORT" _=_; }
start_ssl_inline() { start_limit tls "$TLS_PORT" DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1; }
start_kestrel() { start_limit https "$HTTPS_PORT" _=_; }
start_kestrel_inline() { start_limit https "$HTTPS_PORT" DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1; }

start_relay() { on_cores "$tools/relay" "127.0.0.1:$1" "127.0.0.1:${UPSTREAMS%% *}" >"$2/log" 2>&1 & }

start_single() { on_cores "$tools/single" "127.0.0.1:$1" >"$2/log" 2>&1 & }
start_single_relay() { on_cores "$tools/single" "127.0.0.1:$1" "127.0.0.1:${UPSTREAMS%% *}" >"$2/log" 2>&1 & }

start_dnsflow_build() {     # port, folder, publish folder
    local upstream settings=("DNSFLOW__LISTENERS__BENCH__ENDPOINTS__0=127.0.0.1:$1") number=0
    for upstream in $UPSTREAMS; do settings+=("DNSFLOW__UPSTREAMS__DEFAULT__SERVERS__$((number++))=127.0.0.1:$upstream"); done
    [ "$CACHE" != 0 ] || settings+=("DNSFLOW__CACHE__MAXBYTES=0")
    [ -z "${TLS_PORT:-}" ] || settings+=(
        "DNSFLOW__LISTENERS__BENCH__ENDPOINTS__1=tls://127.0.0.1:$TLS_PORT" "DNSFLOW__LISTENERS__BENCH__ENDPOINTS__2=https://127.0.0.1:$HTTPS_PORT/dns-query"
        "DNSFLOW__LISTENERS__BENCH__CERTIFICATE=$data/cert.pem" "DNSFLOW__LISTENERS__BENCH__KEY=$data/key.pem")
    cp "${RULES_FILE:-$here/peers/dnsflow.json}" "$2/appsettings.json"
    (cd "$2" && export "${settings[@]}" ${EXTRA:-} && on_cores "$3/dnsflow" >log 2>&1) &
}

start_dnsdist_vector() {    # port, folder, datagrams per call
    {
        echo "port, cache, vector = $1, $CACHE, $3"
        echo "upstreams = $(quoted_upstreams %)"
        cat "$here/peers/dnsdist.lua"
        [ -z "${TLS_PORT:-}" ] || {
            echo "addTLSLocal(\"127.0.0.1:$TLS_PORT\", \"$data/cert.pem\", \"$data/key.pem\")"
            echo "addDOHLocal(\"127.0.0.1:$HTTPS_PORT\", \"$data/cert.pem\", \"$data/key.pem\", \"/dns-query\")"
        }
    } >"$2/dnsdist.conf"
    on_cores dnsdist --supervised --disable-syslog -C "$2/dnsdist.conf" >"$2/log" 2>&1 &
}
start_dnsdist() { start_dnsdist_vector "$1" "$2" 0; }
start_dnsdist_cached() { CACHE=150000 start_dnsdist "$1" "$2"; }        # where the others' caches are off
start_dnsdist_mm() { start_dnsdist_vector "$1" "$2" 32; }

start_unbound() {
    fill_in unbound.conf "$1" "$2" "    forward-addr: 127.0.0.1@%" >"$2/unbound.conf"
    [ -z "${TLS_PORT:-}" ] || printf '%s\n' "server:" "    interface: 127.0.0.1@$TLS_PORT" "    interface: 127.0.0.1@$HTTPS_PORT" "    tls-port: $TLS_PORT" "    https-port: $HTTPS_PORT" \
        "    tls-service-pem: \"$data/cert.pem\"" "    tls-service-key: \"$data/key.pem\"" "    http-max-streams: 200" >>"$2/unbound.conf"
    on_cores unbound -d -c "$2/unbound.conf" >"$2/log" 2>&1 &
}

start_dnsmasq() {
    fill_in dnsmasq.conf "$1" "$2" "server=127.0.0.1#%" | sed -e "s|^user=.*|user=$(id -un)|; s|^group=.*|group=$(id -gn)|" >"$2/dnsmasq.conf"
    on_cores dnsmasq -C "$2/dnsmasq.conf" >"$2/log" 2>&1 &
}

start_kresd() {
    {
        echo "port, cache_entries = $1, $CACHE"
        echo "upstreams = $(quoted_upstreams 127.0.0.1@%)"
        cat "$here/peers/kresd.lua"
        [ -z "${TLS_PORT:-}" ] || {
            echo "net.listen(\"127.0.0.1\", $TLS_PORT, { kind = \"tls\" })"
            echo "net.listen(\"127.0.0.1\", $HTTPS_PORT, { kind = \"doh2\" })"
            echo "net.tls(\"$data/cert.pem\", \"$data/key.pem\")"
        }
    } >"$2/kresd.conf"
    on_cores kresd -n -q -c "$2/kresd.conf" "$2" >"$2/log" 2>&1 &
}

start_smartdns() {
    fill_in smartdns.conf "$1" "$2" "server 127.0.0.1:%" >"$2/smartdns.conf"
    on_cores smartdns -f -x -c "$2/smartdns.conf" -p - >"$2/log" 2>&1 &
}

-- bench/run puts these before: port, upstreams, cache
net.listen("127.0.0.1", port, { kind = "dns" })
net.ipv6 = false
cache.size = 256 * MB
modules.unload("ta_update")
modules.unload("ta_signal_query")
modules.unload("ta_sentinel")
modules.unload("priming")
modules.unload("detect_time_skew")
modules.unload("detect_time_jump")
trust_anchors.remove(".")                       -- no validation, since nobody else validates here
if cache_entries == 0 then
  policy.add(policy.all(policy.FLAGS("NO_CACHE")))
end
policy.add(policy.all(policy.STUB(upstreams)))

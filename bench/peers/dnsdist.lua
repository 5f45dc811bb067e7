-- bench/run puts these before: port, upstreams, cache, vector, tcp
setLocal("127.0.0.1:" .. port)
setACL("127.0.0.0/8")
setSecurityPollSuffix("")                       -- no question about its own version
for _, upstream in ipairs(upstreams) do
  newServer({ address = "127.0.0.1:" .. upstream })
end
if cache > 0 then
  -- Filled before anything is measured; the names asked for fit, so nothing is ever evicted.
  getPool(""):setCache(newPacketCache(cache, { maxTTL = 86400 }))
end
if vector > 0 then
  setUDPMultipleMessagesVectorSize(vector)      -- recvmmsg; without it one recvmsg for each query
end
setMaxTCPClientThreads(1)                       -- one core
setMaxTCPQueuedConnections(20000)

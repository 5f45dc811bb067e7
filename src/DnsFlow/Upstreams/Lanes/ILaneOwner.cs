namespace DnsFlow.Upstreams.Lanes;

/// <summary>The shard that a lane belongs to. Called on threads of the pool; must not block.</summary>
internal interface ILaneOwner
{
    /// <summary>Replies came; the batch goes back by <see cref="StreamLane.Return"/> when they have been looked at. False when there is no room for them: they are lost.</summary>
    bool TryReceive(StreamLane lane, LaneBatch batch);

    /// <summary>The lane is closed, for this reason; whatever was asked on it and not answered is lost. Told once.</summary>
    void OnClosed(StreamLane lane, UpstreamError error);
}

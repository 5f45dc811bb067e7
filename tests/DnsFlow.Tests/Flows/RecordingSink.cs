using DnsFlow.Flows;

namespace DnsFlow.Tests.Flows;

/// <summary>Keeps what a datagram flow sends.</summary>
internal sealed class RecordingSink : IDatagramFlowSink
{
    public List<byte[]> Sent { get; } = [];

    public bool HasRoom { get; set; } = true;

    public bool Send(DatagramFlow flow, ReadOnlySpan<byte> datagram)
    {
        if (HasRoom)
        {
            Sent.Add(datagram.ToArray());
        }

        return HasRoom;
    }
}

using System.Text;
using DnsFlow.Flows;
using DnsFlow.Transports;

namespace DnsFlow.Tests.Transports;

/// <summary>Filling and reading batches in the tests of datagram sockets.</summary>
internal static class UdpTestBatch
{
    public static DatagramBatch Add(this DatagramBatch batch, string text, FlowEndpoint remote = default, FlowEndpoint local = default)
    {
        var index = batch.Count++;
        batch[index] = new DatagramSlot { Remote = remote, Local = local, Length = Encoding.ASCII.GetBytes(text, batch.Buffer(index)) };
        return batch;
    }

    public static string Text(this DatagramBatch batch, int index) => Encoding.ASCII.GetString(batch.Payload(index));

    public static string[] Texts(this DatagramBatch batch) => [.. Enumerable.Range(0, batch.Count).Select(batch.Text)];

    /// <summary>Makes every slot a response to what was received in it.</summary>
    public static DatagramBatch AnsweredWith(this DatagramBatch batch, string text)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            batch[i].Length = Encoding.ASCII.GetBytes(text, batch.Buffer(i));
        }

        return batch;
    }
}

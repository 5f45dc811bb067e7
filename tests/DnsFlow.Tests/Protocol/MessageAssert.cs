using DnsFlow.Protocol;

namespace DnsFlow.Tests.Protocol;

internal static class MessageAssert
{
    /// <summary>Both messages are the same in every field, names in letter case too.</summary>
    public static void Same(DnsMessage expected, DnsMessage actual)
    {
        Assert.Equal(expected.Id, actual.Id);
        Assert.Equal(expected.Flags, actual.Flags);
        Assert.Equal(expected.ResponseCode, actual.ResponseCode);
        Assert.Equal(expected.Questions, actual.Questions);
        Same(expected.Answer, actual.Answer);
        Same(expected.Authority, actual.Authority);
        Same(expected.Additional, actual.Additional);
        Assert.Equal(expected.Edns is null, actual.Edns is null);
        if (expected.Edns is { } edns && actual.Edns is { } other)
        {
            Assert.Equal((edns.UdpPayloadSize, edns.Version, edns.Flags), (other.UdpPayloadSize, other.Version, other.Flags));
            Assert.Equal(edns.Options, other.Options);
        }
    }

    private static void Same(IReadOnlyList<ResourceRecord> expected, IReadOnlyList<ResourceRecord> actual)
    {
        if (!expected.SequenceEqual(actual))
        {
            Assert.Equal(expected, actual);     // many times slower, but it says where
        }

        foreach (var (one, other) in expected.Zip(actual))
        {
            Assert.True(one.Name.Wire.SequenceEqual(other.Name.Wire));
        }
    }
}

using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using DnsFlow.Protocol;
using DnsFlow.TestKit;

namespace DnsFlow.Tests.Protocol;

/// <summary>Real and hostile messages and records, where there are any (see <see cref="DnsFlowData"/>).</summary>
public class ProtocolDataTests
{
    [Fact]
    public void TryRead_CollectedMessages_AreReadOrRefused()
    {
        var count = 0;
        foreach (var file in Files("wire/message", "*"))
        {
            CheckMessage(file, File.ReadAllBytes(file));
            count++;
        }

        Assert.True(DnsFlowData.Folder is null || count > 100);
    }

    /// <summary>Inputs of other kinds of readers: as messages they are noise.</summary>
    [Fact]
    public void TryRead_OtherInputs_AreReadOrRefused()
    {
        foreach (var file in Files("wire", "*").Where(file => !file.EndsWith(".gz", StringComparison.Ordinal)))
        {
            CheckMessage(file, File.ReadAllBytes(file));
        }
    }

    [Fact]
    public void TryRead_CapturedStreams_AreReadOrRefused()
    {
        foreach (var file in Files("wire", "*.dnsstream.gz"))
        {
            var (read, all) = (0, 0);
            foreach (var message in Frames(file))
            {
                read += CheckMessage(file, message) ? 1 : 0;
                all++;
            }

            // What was sent at a root server is nearly always well-formed.
            Assert.True(all > 0 && (!file.Contains("root-server", StringComparison.Ordinal) || read > all * 0.98), $"{file}: {read} of {all}");
        }
    }

    [Fact]
    public void TryParse_RdataAsOctets_NeverThrows()
    {
        foreach (var file in Files("wire/rdata-fromwire", "*"))
        {
            var octets = File.ReadAllBytes(file);
            foreach (var type in Enum.GetValues<RecordType>())
            {
                var text = RdataText.ToText(type, RecordClass.IN, octets);
                Assert.Equal(
                    RdataText.IsWellFormed(type, RecordClass.IN, octets),
                    RdataText.TryParse(type, text, DomainName.Root, out var again, out _) && again.AsSpan().SequenceEqual(octets));
            }
        }
    }

    [Fact]
    public void TryParse_TextInputs_NeverThrow()
    {
        foreach (var file in Files("wire/rdata-fromtext", "*").Concat(Files("wire/txt-text", "*")).Concat(Files("wire/name-text", "*")))
        {
            var text = File.ReadAllText(file);
            _ = DomainName.TryParse(text, out _);
            foreach (var type in Enum.GetValues<RecordType>())
            {
                if (RdataText.TryParse(type, text, DomainName.Root, out var rdata, out var error))
                {
                    var printed = RdataText.ToText(type, RecordClass.IN, rdata);
                    Assert.True(RdataText.TryParse(type, printed, DomainName.Root, out var again, out error), error);
                    Assert.Equal(rdata, again);
                }
            }
        }
    }

    /// <summary>Every record that another server has printed reads, prints and reads back.</summary>
    [Fact]
    public void TryParse_CanonicalZones_RoundTrip()
    {
        var count = 0;
        foreach (var file in Files("zones/canonical", "*.canonical"))
        {
            foreach (var line in File.ReadLines(file).Where(line => line.Length > 0 && line[0] != ';'))
            {
                CheckRecord(file, line);
                count++;
            }
        }

        Assert.True(DnsFlowData.Folder is null || count > 1000);
    }

    private static void CheckRecord(string file, string line)
    {
        var tokens = new List<PresentationToken>();
        Assert.True(PresentationToken.TrySplit(line, tokens), $"{file}: {line}");
        Assert.True(DomainName.TryParse(tokens[0].Span, out var owner) && DomainName.TryParse(owner.ToString(), out var same) && same == owner, line);
        Assert.True(RecordClasses.TryParse(tokens[2].Span, out var @class), line);
        if (!RecordTypes.TryParse(tokens[3].Span, out var type))
        {
            return;     // a mnemonic younger than our table
        }

        var words = CollectionsMarshal.AsSpan(tokens)[4..];
        Assert.True(RdataText.TryParse(type, @class, words, DomainName.Root, out var rdata, out var error), $"{file}: {line}: {error}");
        tokens.Clear();
        PresentationToken.TrySplit(RdataText.ToText(type, @class, rdata), tokens);
        Assert.True(RdataText.TryParse(type, @class, CollectionsMarshal.AsSpan(tokens), DomainName.Root, out var again, out error), $"{file}: {line}: {error}");
        Assert.Equal(rdata, again);
    }

    private static bool CheckMessage(string file, byte[] octets)
    {
        QueryView.TryParse(octets, out _);
        if (!DnsMessageReader.TryRead(octets, out var message, out var error))
        {
            Assert.NotEqual(MessageError.None, error);
            return false;
        }

        Assert.NotEmpty(message.ToString());
        var written = DnsMessageWriter.ToArray(message);
        Assert.True(DnsMessageReader.TryRead(written, out var again, out error), $"{file}: {error}");
        MessageAssert.Same(message, again);
        return true;
    }

    private static IEnumerable<byte[]> Frames(string file)
    {
        using var packed = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        using var all = new MemoryStream();
        packed.CopyTo(all);
        ReadOnlyMemory<byte> rest = all.ToArray();
        while (rest.Length >= 2)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest.Span);
            yield return rest.Slice(2, length).ToArray();
            rest = rest[(2 + length)..];
        }
    }

    private static IEnumerable<string> Files(string folder, string pattern) => DnsFlowData.Folder is { } data
        ? Directory.EnumerateFiles(Path.Combine(data, folder), pattern, SearchOption.AllDirectories)
        : [];
}

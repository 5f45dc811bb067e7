using DnsFlow.TestKit;
using DnsFlow.Transports.Tls;

namespace DnsFlow.Tests.Transports;

/// <summary>Certificates that change while they are in use.</summary>
public sealed class CertificateStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dnsflow-test").FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger _logger = new();
    private int _minutes;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Select_LinkAboveIsTurned_GivesTheNewOne()
    {
        var (first, second) = (Version("v1", "one.test"), Version("v2", "two.test"));
        var data = Path.Combine(_folder, "..data");
        Directory.CreateSymbolicLink(data, first);
        File.CreateSymbolicLink(Path.Combine(_folder, "tls.crt"), Path.Combine("..data", "tls.crt"));
        File.CreateSymbolicLink(Path.Combine(_folder, "tls.key"), Path.Combine("..data", "tls.key"));
        var store = Load("tls.crt", "tls.key");
        Directory.Delete(data);
        Directory.CreateSymbolicLink(data, second);
        Assert.Equal("CN=two.test", Next(store));
    }

    [Theory]
    [InlineData("expired", "the certificate has expired on 2021-01-01")]
    [InlineData("mismatched", "tls.key: not the private key of")]
    [InlineData("text", "tls.crt: not a certificate in PEM")]
    [InlineData("missing", "tls.crt: there is no such file")]
    [InlineData("folder", "tls.crt")]
    public void Select_ChangedOneIsNoGood_OldOneStaysAndTheLogSaysWhyOnce(string what, string reason)
    {
        var (certificate, key) = TestCertificates.Make("one.test");
        Write("tls.crt", certificate);
        Write("tls.key", key);
        var store = Load("tls.crt", "tls.key");
        Break(what, Path.Combine(_folder, "tls.crt"));
        Assert.Equal("CN=one.test", Next(store));
        Assert.Equal("CN=one.test", Next(store));
        Assert.Contains(reason, Assert.Single(_logger.Lines));

        Directory.GetDirectories(_folder).ToList().ForEach(folder => Directory.Delete(folder));
        var (good, goodKey) = TestCertificates.Make("two.test");
        Write("tls.crt", good);
        Write("tls.key", goodKey);
        Assert.Equal("CN=two.test", Next(store));
        Assert.Contains("was renewed", _logger.Lines.Last());
    }

    private void Break(string what, string file)
    {
        File.Delete(file);
        switch (what)
        {
            case "expired":
                var (old, key) = TestCertificates.Make("old.test", new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero));
                Write("tls.crt", old);
                Write("tls.key", key);
                break;
            case "mismatched":
                Write("tls.crt", TestCertificates.Make("two.test").Certificate);
                break;
            case "text":
                Write("tls.crt", "hello");
                break;
            case "folder":
                Directory.CreateDirectory(file);
                break;
        }
    }

    private string Version(string name, string subject)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        var (certificate, key) = TestCertificates.Make(subject);
        Write(Path.Combine(name, "tls.crt"), certificate);
        Write(Path.Combine(name, "tls.key"), key);
        return folder;
    }

    private void Write(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllText(file, text);
        File.SetLastWriteTimeUtc(file, new DateTime(2026, 1, 1, 0, ++_minutes, 0, DateTimeKind.Utc));      // whatever the clock's grain
    }

    private CertificateStore Load(string certificate, string key)
        => CertificateStore.TryLoad([new CertificateFiles(Path.Combine(_folder, certificate), Path.Combine(_folder, key))], _time, _logger, static (_, problem) => Assert.Fail(problem))!;

    private string Next(CertificateStore store)
    {
        _time.Advance(TimeSpan.FromSeconds(3));
        return store.Select(null).Leaf.Subject;
    }
}

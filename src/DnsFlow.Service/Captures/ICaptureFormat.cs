namespace DnsFlow.Service.Captures;

/// <summary>One kind of capture file.</summary>
internal interface ICaptureFormat
{
    /// <summary>What people call it.</summary>
    string Name { get; }

    /// <summary>Whether the first octets (16, or the whole file when it is shorter) are those of this kind.</summary>
    bool Recognizes(ReadOnlySpan<byte> first);

    /// <summary>Reads to the end; <see cref="CaptureReport.Problem"/> says why not.</summary>
    void Read(CaptureStream stream, IReadOnlySet<int> ports, ICaptureSink sink, CaptureReport report);
}

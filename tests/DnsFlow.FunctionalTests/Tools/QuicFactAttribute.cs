using DnsFlow.Transports.Quic;

namespace DnsFlow.FunctionalTests.Tools;

/// <summary>A test that needs QUIC on this system (libmsquic).</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class QuicFactAttribute : FactAttribute
{
    public QuicFactAttribute() => Skip = QuicSupport.OfThisSystem.Problem;
}

using DnsFlow.Transports.Quic;

namespace DnsFlow.FunctionalTests.Tools.Quic;

/// <summary>A test that needs QUIC in this process; see <see cref="QuicStandIn"/>. Where there is none it is skipped or fails, as a <see cref="ToolFactAttribute"/> without its tools.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class QuicFactAttribute : FactAttribute
{
    public QuicFactAttribute()
    {
        if (!ToolFactAttribute.IsRequired)
        {
            Skip = QuicStandIn.Problem ?? QuicSupport.OfThisSystem.Problem;
        }
    }
}

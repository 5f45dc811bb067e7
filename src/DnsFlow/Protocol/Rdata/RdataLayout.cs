namespace DnsFlow.Protocol.Rdata;

/// <summary>The fields of one type's RDATA, in order.</summary>
internal sealed class RdataLayout(params RdataField[] fields)
{
    /// <summary>The fields.</summary>
    public RdataField[] Fields { get; } = fields;

    /// <summary>Whether a writer may compress names in it: only types of RFC 1035 (RFC 3597 section 4).</summary>
    public bool IsCompressible { get; } = fields.Any(field => field is NameField { IsCompressible: true });

    /// <summary>Checks all fields and that nothing is left behind the last.</summary>
    public bool TryRead(ref RdataReader reader)
    {
        foreach (var field in Fields)
        {
            if (!field.TryRead(ref reader))
            {
                return false;
            }
        }

        return reader.IsAtEnd;
    }
}

using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>One kind of field that RDATA is made of. Stateless and shared; each method handles the field at the cursor and moves it on.</summary>
internal abstract class RdataField
{
    /// <summary>Checks the field in the wire form and copies it, uncompressed, to the reader's output. False when malformed.</summary>
    public abstract bool TryRead(ref RdataReader reader);

    /// <summary>Appends the presentation form. False when the octets have none, then the whole RDATA is printed in the generic form.</summary>
    public abstract bool TryPrint(ref RdataReader reader, StringBuilder text);

    /// <summary>Takes the field's words and appends its wire form. False, with the reason in the parser, when malformed.</summary>
    public abstract bool TryParse(ref RdataParser parser);
}
